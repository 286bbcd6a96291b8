//! The format of policy files as a page of the documentation, in Markdown.

use super::{FILE, Form, Key, TESTS, Table, Without};

const HEAD: &str = "# Policy files

Every key of a policy file and of a file of tests, with its value, what holds without it, and its meaning. What policies are
and how they are rolled out is in [Policies](../policies.md).

A file is YAML 1.2. Where a list is expected, a single value stands for a list of one. A key that is not known, or is given
twice, is a mistake; so is a value of another type: a number is not a text, unless it is quoted.
`anomaly-gateway check` reports all mistakes with their places. For an editor, `anomaly-gateway schema policies` prints
the JSON Schema of a policy file ([`policies.schema.json`](../../schemas/gateway/policies.schema.json)).

In a glob, `*` stands for any number of characters, `?` for one, `[ab]` for one of these, and `{a,b}` for either. Days are
written as in `2027-03-01`, and begin and end in UTC.

This page is printed by `anomaly-gateway schema policy-keys`.
";

/// The page.
pub(in super::super) fn page() -> String {
    let mut page = HEAD.to_owned();
    let mut sections = vec![&FILE, &TESTS];
    // Each table after the one that names it.
    let mut next = 0;
    while let Some(table) = sections.get(next).copied() {
        next += 1;
        let inside = table.keys.iter().filter_map(|key| key.form.table());
        let new: Vec<_> = inside
            .filter(|inside| sections.iter().all(|known| known.title != inside.title))
            .collect();
        for (place, table) in new.into_iter().enumerate() {
            sections.insert(next + place, table);
        }
    }
    for table in sections {
        page.push_str(&section(table));
    }
    page
}

fn section(table: &Table) -> String {
    let mut section = format!("\n## {}\n", table.title);
    if !table.introduction.is_empty() {
        section.extend(["\n", table.introduction, "\n"]);
    }
    if !table.one_of.is_empty() {
        let names: Vec<_> = table.one_of.iter().map(|name| format!("`{name}`")).collect();
        section.extend(["\nAt least one of ", &names.join(", "), " is given.\n"]);
    }
    section.push_str("\n| key | value | without it | meaning |\n|---|---|---|---|\n");
    for key in table.keys {
        section.push_str(&row(key));
    }
    section
}

fn row(key: &Key) -> String {
    let without = match key.without {
        Without::Required => "it is required".to_owned(),
        Without::Default(value) => format!("`{value}`"),
        Without::Means(meaning) => meaning.to_owned(),
    };
    let mut meaning = key.meaning.to_owned();
    if let Form::Words(words) = key.form {
        for (word, effect) in words {
            meaning.extend([" `", word, "`: ", effect]);
        }
    }
    format!(
        "| `{}` | {} | {without} | {meaning} |\n",
        key.name,
        key.form.described()
    )
}

impl Form {
    /// The mapping that it has or is a list of.
    const fn table(&self) -> Option<&'static Table> {
        match self {
            Self::One(table) | Self::List(table) | Self::TextsOr(table) => Some(table),
            _ => None,
        }
    }

    /// What a value has to be, in Markdown.
    fn described(&self) -> String {
        let linked = |table: &Table| {
            let anchor = table.title.to_lowercase().replace('`', "").replace(' ', "-");
            format!("[{}](#{anchor})", table.what)
        };
        match self {
            Self::Text => "a text".to_owned(),
            Self::AnyText => "a text, which may be empty".to_owned(),
            Self::Texts => "a list of texts".to_owned(),
            Self::Globs => "a list of globs".to_owned(),
            Self::Day => "a day".to_owned(),
            Self::Url => "a URL that begins with `https://` or `http://`".to_owned(),
            Self::Version => "a version such as `\"8\"` or `\"7.17\"`".to_owned(),
            Self::Rule => "an expression in [CEL](https://cel.dev)".to_owned(),
            Self::Schema => "a JSON Schema 2020-12, which may have `x-max-bytes`, `x-min-bytes`, `x-max-duration` and \
                 `x-min-duration`"
                .to_owned(),
            Self::Mapping => "a mapping".to_owned(),
            Self::Anything => "any value".to_owned(),
            Self::Words(words) => {
                let words: Vec<_> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
                words.join(", ")
            }
            Self::One(table) => format!("a mapping: {}", linked(table)),
            Self::List(table) => format!("a list, each entry {}", linked(table)),
            Self::TextsOr(table) => format!("a list, each entry a text or {}", linked(table)),
        }
    }
}
