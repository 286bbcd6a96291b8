//! The page of rules: each with its id, what it says, since when, what a client is told, and whether the printed schema
//! says it.

use super::super::rulebook::{RuleRow, Said};

/// The page, in Markdown.
pub(in super::super) fn page(rows: &[RuleRow]) -> String {
    let mut page = String::from(HEAD);
    for row in rows {
        let bound = match (row.minimum, row.unit.as_deref()) {
            (Some(least), Some(unit)) => format!(" At least {least} {unit}."),
            (Some(least), None) => format!(" At least {least}."),
            _ => String::new(),
        };
        let message = row.message.as_deref().map_or(String::new(), |message| {
            let kind = row.exception().unwrap_or_default();
            format!("`{kind}`: {}", escaped(message))
        });
        let said = match (row.schema, row.unsaid.as_deref()) {
            (Said::Whole, _) => "yes".to_owned(),
            (Said::Part, unsaid) => format!("but for {}", unsaid.unwrap_or_default()),
            (Said::No, unsaid) => format!("no: {}", unsaid.unwrap_or_default()),
        };
        let line = [
            format!("`{}`", row.id),
            escaped(&format!("{}{bound}", row.says)),
            versions(row),
            message,
            escaped(&said),
        ];
        page.extend(["| ", &line.join(" | "), " |\n"]);
    }
    page
}

const HEAD: &str = "# Rules of a job

Every rule by which the body of create anomaly detection job is judged as Elasticsearch judges it, by its id. The gateway
names the id in its log, in the events of decisions, in the reports of `validate` and in dry runs. The page is made from
`schemas/elasticsearch/7/put_job.rules.json` by `anomaly-gateway schema rules`; what the functions of detectors ask is in
`put_job.functions.json` beside it.

| id | rule | versions | what a client is told | in the schema |
|---|---|---|---|---|
";

fn versions(row: &RuleRow) -> String {
    match row.versions() {
        (None, None) => "all".to_owned(),
        (Some(since), None) => format!("from {since}"),
        (None, Some(until)) => format!("before {until}"),
        (Some(since), Some(until)) => format!("from {since}, before {until}"),
    }
}

/// A text in a cell: a bar would end it.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}
