//! Finds citations such as `http.md §2.4, §2.6` in comments and pages.

/// A section of a page that is cited.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Citation {
    pub(super) page: String,
    pub(super) section: String,
}

/// The number that a heading begins with: `2.2` of `### 2.2 Fields of the body`, `2` of `## 2. Parsing`.
pub(super) fn section_number(heading: &str) -> Option<String> {
    let first = heading.trim_start_matches('#').split_whitespace().next()?;
    let number = first.trim_end_matches('.');
    let is_number = !number.is_empty()
        && number
            .chars()
            .all(|character| character.is_ascii_digit() || character == '.');
    is_number.then(|| number.to_owned())
}

/// The comments of a Rust source, or the paragraphs of another text, each as one line without its marks.
pub(super) fn blocks(text: &str, is_rust: bool) -> Vec<String> {
    let mut blocks = vec![String::new()];
    for line in text.lines() {
        let part = if is_rust { comment(line) } else { Some(line) };
        let part = part.map(|part| part.trim_start().trim_start_matches(['/', '!', '#', '*']).trim());
        match part {
            Some(part) if !part.is_empty() => {
                if let Some(block) = blocks.last_mut() {
                    block.push(' ');
                    block.push_str(part);
                }
            }
            _ => blocks.push(String::new()),
        }
    }
    blocks.retain(|block| !block.is_empty());
    blocks
}

/// What comes after `//` in a line.
fn comment(line: &str) -> Option<&str> {
    line.find("//").and_then(|at| line.get(at..))
}

/// What comes just before a section.
enum Before {
    /// Neither of the others.
    Words,
    /// A page's name, and perhaps other sections of it.
    Page(String),
    /// The number of an RFC, and perhaps other sections of it.
    Rfc,
}

/// The citations in a block, in their order.
///
/// A page's name is followed by one section or several, as in `§2, §2.1 and §4`. A section after other words is one of
/// the page that was named last; on a page that has an `own` name it is one of that page. Sections after `RFC 9110` are
/// no citations.
pub(super) fn citations(block: &str, own: Option<&str>) -> Vec<Citation> {
    let mut found = Vec::new();
    let mut named_last = own.map(str::to_owned);
    let mut before = Before::Words;
    for word in block.split_whitespace() {
        let bare = word.trim_matches(|character: char| !(character.is_alphanumeric() || character == '§'));
        let bare = bare.trim_end_matches("'s");
        if is_page(bare) {
            let page = bare.rsplit(['/', '(', '[', '`']).next().unwrap_or(bare).to_owned();
            if own.is_none() {
                named_last = Some(page.clone());
            }
            before = Before::Page(page);
        } else if let Some((_, sections)) = word.split_once('§') {
            let page = match &before {
                Before::Page(page) => Some(page.clone()),
                Before::Rfc => None,
                Before::Words => named_last.clone(),
            };
            for section in sections.split('§') {
                let number: String = section
                    .chars()
                    .take_while(|character| character.is_ascii_digit() || *character == '.')
                    .collect();
                let number = number.trim_end_matches('.');
                if let (Some(page), false) = (&page, number.is_empty()) {
                    found.push(Citation {
                        page: page.clone(),
                        section: number.to_owned(),
                    });
                }
            }
        } else if bare == "RFC" {
            before = Before::Rfc;
        } else {
            let is_number_of_rfc = matches!(before, Before::Rfc) && bare.parse::<u32>().is_ok();
            if !is_number_of_rfc && !matches!(bare, "and" | "to") {
                before = Before::Words;
            }
        }
    }
    found
}

/// Whether a block cites a contract: by the name of a file, or with the definite article.
pub(super) fn cites_a_contract(block: &str) -> bool {
    let words: Vec<String> = block
        .split_whitespace()
        .map(|word| {
            word.trim_matches(|character: char| !character.is_alphanumeric())
                .to_lowercase()
        })
        .collect();
    words.windows(2).any(|pair| match pair {
        [first, second] => (first == "contract" && is_page(second)) || (first == "the" && second == "contract"),
        _ => false,
    })
}

/// The names of metrics in a page, without what a histogram adds to its own.
pub(super) fn metrics(page: &str) -> Vec<String> {
    const PREFIX: &str = "anomaly_gateway_";
    page.split(PREFIX)
        .skip(1)
        .map(|rest| {
            let is_of_name = |character: &char| character.is_ascii_lowercase() || *character == '_';
            let name: String = rest.chars().take_while(is_of_name).collect();
            let of_histogram = ["_bucket", "_sum", "_count"];
            let base = of_histogram.into_iter().find_map(|ending| name.strip_suffix(ending));
            format!("{PREFIX}{}", base.unwrap_or(&name))
        })
        .collect()
}

/// The log lines that a page's tables explain: what is code in the second column, where the first one is a level.
pub(super) fn log_lines(page: &str) -> Vec<String> {
    let rows = page.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.split(" | ");
        let is_level = matches!(cells.next()?, "`ERROR`" | "`WARN`" | "`INFO`" | "`DEBUG`");
        is_level.then(|| cells.next()).flatten()
    });
    rows.flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect()
}

fn cited(block: &str, own: Option<&str>) -> Vec<(String, String)> {
    let found = citations(block, own).into_iter();
    found.map(|citation| (citation.page, citation.section)).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let expected = expected.iter();
    expected
        .map(|(page, section)| ((*page).to_owned(), (*section).to_owned()))
        .collect()
}

#[test]
fn lists_of_sections_are_read_whole() {
    assert_eq!(
        cited("as it is (`a.md` §1.1, §2 to §2.4; b.md §3), and (§4.5).", None),
        pairs(&[
            ("a.md", "1.1"),
            ("a.md", "2"),
            ("a.md", "2.4"),
            ("b.md", "3"),
            ("b.md", "4.5")
        ])
    );
    assert_eq!(
        cited("RFC 9110 §7.6.1 and a.md §6.3 (see RFC 9112 §2, §3)", None),
        pairs(&[("a.md", "6.3")])
    );
    assert_eq!(
        cited("as in a.md §2, but not §1.3", Some("own.md")),
        pairs(&[("a.md", "2"), ("own.md", "1.3")])
    );
}

#[test]
fn a_comment_is_read_over_its_lines() {
    let source = "/// See http.md\n/// §2.8, the rest.\nlet x = 1; // http.md §3.\n";
    assert_eq!(blocks(source, true), [" See http.md §2.8, the rest. http.md §3."]);
    assert_eq!(blocks("# a.md §1\n\n# b.md §2\n", false), [" a.md §1", " b.md §2"]);
}

#[test]
fn a_contract_is_found_by_its_article_or_its_file() {
    assert!(cites_a_contract("(contract a.md §2)"));
    assert!(cites_a_contract("as the contract says"));
    assert!(!cites_a_contract("an API's contract"));
}

#[test]
fn a_section_is_the_number_that_its_heading_begins_with() {
    assert_eq!(section_number("### 2.2 Fields"), Some("2.2".to_owned()));
    assert_eq!(section_number("## 2. Parsing"), Some("2".to_owned()));
    assert_eq!(section_number("### A. Paths"), None);
}

#[test]
fn metrics_and_log_lines_are_found_in_tables_and_queries() {
    let page = "| `WARN` | `a`, `b c` | `d` |\n| `e` | `f` | |\nrate(anomaly_gateway_x_seconds_bucket[5m]) anomaly_gateway_y_total\n";
    assert_eq!(log_lines(page), ["a", "b c"]);
    assert_eq!(metrics(page), ["anomaly_gateway_x_seconds", "anomaly_gateway_y_total"]);
}
/// Whether a word is the name of a page, as citations write it.
fn is_page(word: &str) -> bool {
    word.strip_suffix(".md").is_some()
}
