//! What comments and pages cite is there: each section of the reference pages, each line of the checklist, and each file
//! and heading that a page links to.

mod links;
mod reading;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use reading::{Citation, blocks, citations};

/// Where the pages are that comments cite by section, as in `create-job.md §2.2`.
const REFERENCE: &str = "docs/reference/elasticsearch";

/// What may cite them: every text of the project but lists that tools write.
const CITING: [&str; 5] = [
    "src/**/*.rs",
    "tests/**/*.rs",
    "tests/**/*.y*ml",
    "tests/**/*.txt",
    "schemas/**/*.*",
];

/// The files that a glob of the project's folder matches.
fn matching(pattern: &str) -> Vec<PathBuf> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pattern = project.join(pattern);
    let found = glob::glob(pattern.to_str().expect("a path in UTF-8")).expect("a glob");
    found
        .map(|path| path.expect("a folder that can be read"))
        .filter(|path| path.is_file())
        .collect()
}

/// The project's own pages.
fn pages() -> Vec<PathBuf> {
    ["*.md", "docs/**/*.md"].into_iter().flat_map(matching).collect()
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn name(path: &Path) -> String {
    path.file_name().expect("a file").to_string_lossy().into_owned()
}

/// A path as a person would write it.
fn shown(path: &Path) -> String {
    let within = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(path);
    within.display().to_string()
}

/// The numbers of the sections of each reference page.
fn sections() -> BTreeMap<String, BTreeSet<String>> {
    let pages = matching(&format!("{REFERENCE}/*.md"));
    pages
        .iter()
        .map(|page| {
            let text = text(page);
            let headings = text.lines().filter(|line| line.starts_with("##"));
            let numbers: Vec<String> = headings.filter_map(reading::section_number).collect();
            let distinct: BTreeSet<String> = numbers.iter().cloned().collect();
            assert_eq!(numbers.len(), distinct.len(), "a number twice in {}", shown(page));
            (name(page), distinct)
        })
        .collect()
}

/// The citations of a file. On a reference page a section without a page is one of its own.
fn cited_by(path: &Path) -> Vec<Citation> {
    let own = shown(path).starts_with(REFERENCE).then(|| name(path));
    let text = text(path);
    let blocks = blocks(&text, path.extension().is_some_and(|extension| extension == "rs"));
    blocks
        .iter()
        .flat_map(|block| citations(block, own.as_deref()))
        .collect()
}

#[test]
fn every_cited_section_exists() {
    let sections = sections();
    assert_eq!(
        sections.keys().collect::<Vec<_>>(),
        ["create-job.md", "http.md", "jobs-api.md"]
    );
    let mut count = 0;
    let mut missing = Vec::new();
    let citing = CITING.into_iter().flat_map(matching);
    for path in citing.chain(pages()) {
        for Citation { page, section } in cited_by(&path) {
            count += 1;
            match sections.get(&page) {
                None => missing.push(format!("{}: there is no {REFERENCE}/{page}", shown(&path))),
                Some(known) if !known.contains(&section) => {
                    missing.push(format!("{}: {page} has no section {section}", shown(&path)));
                }
                Some(_) => {}
            }
        }
    }
    assert!(count > 200, "only {count} citations were found");
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The reference pages are cited by name. A document that is not in the project cannot be looked up.
#[test]
fn no_comment_cites_a_contract() {
    let mut found = Vec::new();
    for path in CITING.into_iter().flat_map(matching).chain(pages()) {
        let text = text(&path);
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        for block in blocks(&text, is_rust) {
            if reading::cites_a_contract(&block) {
                found.push(format!("{}: {block}", shown(&path)));
            }
        }
    }
    assert!(
        found.is_empty(),
        "cite a page of {REFERENCE} and its section instead: {found:#?}"
    );
}

/// A test that is named `line_27_…` is about line 27 of the checklist.
#[test]
fn every_line_of_the_checklist_that_a_test_names_is_there() {
    let page = text(&Path::new(env!("CARGO_MANIFEST_DIR")).join(REFERENCE).join("http.md"));
    let checklist = page
        .split("\n## 7. ")
        .nth(1)
        .and_then(|rest| rest.split("\n## ").next());
    let rows = checklist.expect("section 7").lines();
    let lines: Vec<u32> = rows
        .filter_map(|row| row.strip_prefix("| ")?.split(' ').next()?.parse().ok())
        .collect();
    assert_eq!(lines, (1..=114).collect::<Vec<_>>());
    let mut tested = 0;
    for path in matching("tests/**/*.rs") {
        let text = text(&path);
        for named in text.split("fn line_").skip(1) {
            let digits: String = named.chars().take_while(char::is_ascii_digit).collect();
            let Ok(line) = digits.parse() else { continue };
            tested += 1;
            assert!(lines.contains(&line), "{}: there is no line {line}", shown(&path));
        }
    }
    assert!(tested > 80, "only {tested} tests are named after a line");
}

#[test]
fn every_link_between_pages_leads_somewhere() {
    let mut broken = Vec::new();
    let mut count = 0;
    for page in pages() {
        for target in links::relative(&text(&page)) {
            count += 1;
            if let Err(problem) = links::follow(&page, &target) {
                broken.push(format!("{}: [{target}] {problem}", shown(&page)));
            }
        }
    }
    assert!(count > 20, "only {count} links were found");
    assert!(broken.is_empty(), "{broken:#?}");
}

/// What a page says to look for in the metrics and the log can be found there.
#[test]
fn every_metric_and_log_line_that_a_page_quotes_is_in_the_code() {
    let sources: String = matching("src/**/*.rs").iter().map(|source| text(source)).collect();
    let mut count = 0;
    for page in pages() {
        let text = text(&page);
        let quoted = reading::metrics(&text).into_iter().chain(reading::log_lines(&text));
        for quoted in quoted {
            count += 1;
            assert!(
                sources.contains(&quoted),
                "{}: nothing is called [{quoted}]",
                shown(&page)
            );
        }
    }
    assert!(count > 30, "only {count} were found");
}
