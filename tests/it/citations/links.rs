//! Links of Markdown pages: finds those to files of the project, and follows them as GitHub does.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The targets of a page's links that are neither addresses of other sites nor in code.
pub(super) fn relative(page: &str) -> Vec<String> {
    let mut targets = Vec::new();
    for line in prose(page) {
        // Every other part is between two backticks.
        let text: String = line.split('`').step_by(2).collect();
        for link in text.split("](").skip(1) {
            let target = link.split([')', ' ']).next().unwrap_or_default();
            if !target.contains("://") && !target.starts_with("mailto:") {
                targets.push(target.to_owned());
            }
        }
    }
    targets
}

/// Whether a link of a page leads to a file or folder that exists and, if it names one, to a heading in it.
pub(super) fn follow(page: &Path, target: &str) -> Result<(), String> {
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let file = if path.is_empty() {
        page.to_owned()
    } else {
        page.parent().unwrap_or(Path::new("")).join(path)
    };
    if !file.exists() {
        return Err("leads to no file".to_owned());
    }
    if anchor.is_empty() {
        return Ok(());
    }
    let text = fs::read_to_string(&file).map_err(|error| error.to_string())?;
    let has_heading = anchors(&text).iter().any(|known| known == anchor);
    has_heading
        .then_some(())
        .ok_or_else(|| "leads to no heading".to_owned())
}

/// The anchors of a page's headings: in small letters, without punctuation, with hyphens for blanks, and numbered where
/// one comes again.
fn anchors(page: &str) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let headings = prose(page).filter(|line| line.starts_with('#'));
    headings
        .map(|heading| {
            let title = heading.trim_start_matches('#').trim().to_lowercase();
            let kept = title
                .chars()
                .filter(|character| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_'));
            let anchor: String = kept
                .map(|character| if character == ' ' { '-' } else { character })
                .collect();
            let times = seen.entry(anchor.clone()).or_default();
            *times += 1;
            if *times == 1 {
                anchor
            } else {
                format!("{anchor}-{}", *times - 1)
            }
        })
        .collect()
}

/// The lines of a page that are not in a block of code.
fn prose(page: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    page.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

#[test]
fn links_in_code_and_to_other_sites_are_left_out() {
    let page = "[a](b.md#c) `[x](y)` and [site](https://example.org)\n```\n[no](z)\n```\n[d](#e)\n";
    assert_eq!(relative(page), ["b.md#c", "#e"]);
}

#[test]
fn anchors_are_those_of_github() {
    let page = "# What it's for\n## 2.2 `job_id`, and so on\n## Same\n## Same\n```\n# no heading\n```\n";
    assert_eq!(anchors(page), ["what-its-for", "22-job_id-and-so-on", "same", "same-1"]);
}

#[test]
fn a_link_to_nothing_is_an_error() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    assert_eq!(follow(&page, "LICENSE"), Ok(()));
    assert_eq!(follow(&page, "schemas/"), Ok(()));
    assert!(follow(&page, "no-such-file.md").is_err());
    assert!(follow(&page, "README.md#no-such-heading").is_err());
}
