//! Reads expressions of `PromQL`, for tests: whether they are of its grammar, as far as it is used here, and which metrics with
//! which labels they are about.

use std::collections::BTreeSet;

use super::families;
use super::family::{Family, Kind, Values};

/// What a scrape adds to every series.
const OF_SCRAPE: [&str; 2] = ["instance", "job"];

const AGGREGATIONS: [&str; 6] = ["sum", "count", "min", "max", "avg", "topk"];

/// Functions, each with whether it takes a range.
const FUNCTIONS: [(&str, bool); 6] = [
    ("rate", true),
    ("increase", true),
    ("histogram_quantile", false),
    ("time", false),
    ("label_replace", false),
    ("clamp_max", false),
];

const OPERATORS: [&str; 14] = [
    "==", "!=", ">=", "<=", "+", "-", "*", "/", "%", ">", "<", "and", "or", "unless",
];

/// What an expression comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Instant,
    Range,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Name(String),
    Number,
    Text(String),
    Symbol(&'static str),
}

/// The metrics of an expression, all of which are declared, with labels and values that they can have.
pub(super) fn check(expression: &str) -> Result<BTreeSet<&'static str>, String> {
    let mut parser = Parser {
        tokens: tokens(expression)?,
        at: 0,
        metrics: BTreeSet::new(),
        grouped: Vec::new(),
        labels: BTreeSet::from(OF_SCRAPE),
    };
    match parser.expression()? {
        Type::Instant if parser.at == parser.tokens.len() => {}
        Type::Instant => return Err(format!("what is {:?} for?", parser.tokens[parser.at])),
        Type::Range => return Err("it is a range".to_owned()),
    }
    let unknown = parser
        .grouped
        .iter()
        .find(|label| !parser.labels.contains(label.as_str()));
    unknown.map_or(Ok(parser.metrics), |label| {
        Err(format!("nothing has the label {label}"))
    })
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    const SYMBOLS: [&str; 20] = [
        "==", "!=", "=~", "!~", ">=", "<=", "=", "{", "}", "(", ")", "[", "]", ",", "+", "-", "*", "/", ">", "<",
    ];
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = |of: fn(char) -> bool| rest.find(|character| !of(character)).unwrap_or(rest.len());
        let (token, length) = if first.is_ascii_alphabetic() || first == '_' {
            let length = length(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | ':'));
            (Token::Name(rest[..length].to_owned()), length)
        } else if first.is_ascii_digit() {
            (
                Token::Number,
                length(|character| character.is_ascii_alphanumeric() || character == '.'),
            )
        } else if first == '"' {
            let end = rest[1..].find('"').ok_or("a text does not end")?;
            (Token::Text(rest[1..=end].to_owned()), end + 2)
        } else {
            let symbol = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol));
            let symbol = symbol.ok_or_else(|| format!("`{first}` means nothing"))?;
            (Token::Symbol(symbol), symbol.len())
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    metrics: BTreeSet<&'static str>,
    /// By which labels it is grouped.
    grouped: Vec<String>,
    /// Those that its metrics have.
    labels: BTreeSet<&'static str>,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn takes(&mut self, wanted: &str) -> bool {
        let is_it = match self.peek() {
            Some(Token::Symbol(symbol)) => *symbol == wanted,
            Some(Token::Name(name)) => name == wanted,
            _ => false,
        };
        self.at += usize::from(is_it);
        is_it
    }

    fn require(&mut self, wanted: &str) -> Result<(), String> {
        let found = self.peek().cloned();
        self.takes(wanted)
            .then_some(())
            .ok_or_else(|| format!("expected `{wanted}`, found {found:?}"))
    }

    fn name(&mut self) -> Result<String, String> {
        match self.peek().cloned() {
            Some(Token::Name(name)) => {
                self.at += 1;
                Ok(name)
            }
            found => Err(format!("expected a name, found {found:?}")),
        }
    }

    fn expression(&mut self) -> Result<Type, String> {
        let mut found = self.operand()?;
        while OPERATORS.into_iter().any(|operator| self.takes(operator)) {
            if self.takes("on") || self.takes("ignoring") {
                self.labels_in_parentheses()?;
            }
            if [found, self.operand()?].contains(&Type::Range) {
                return Err("a range is an operand".to_owned());
            }
            found = Type::Instant;
        }
        Ok(found)
    }

    fn operand(&mut self) -> Result<Type, String> {
        if self.takes("(") {
            let found = self.expression()?;
            self.require(")")?;
            return Ok(found);
        }
        if matches!(self.peek(), Some(Token::Number | Token::Text(_))) {
            self.at += 1;
            return Ok(Type::Instant);
        }
        let name = self.name()?;
        self.named(&name)
    }

    fn named(&mut self, name: &str) -> Result<Type, String> {
        if AGGREGATIONS.contains(&name) {
            let is_grouped = self.grouping()?;
            self.arguments(false)?;
            if !is_grouped {
                self.grouping()?;
            }
            return Ok(Type::Instant);
        }
        if let Some((_, takes_range)) = FUNCTIONS.into_iter().find(|(function, _)| *function == name) {
            self.arguments(takes_range)?;
            return Ok(Type::Instant);
        }
        self.selector(name)?;
        if !self.takes("[") {
            return Ok(Type::Instant);
        }
        match self.peek() {
            Some(Token::Number) => self.at += 1,
            found => return Err(format!("expected a time, found {found:?}")),
        }
        self.require("]")?;
        Ok(Type::Range)
    }

    fn arguments(&mut self, takes_range: bool) -> Result<(), String> {
        self.require("(")?;
        while !self.takes(")") {
            if (self.expression()? == Type::Range) != takes_range {
                return Err("a range is missing, or is not asked for".to_owned());
            }
            self.takes(",");
        }
        Ok(())
    }

    fn grouping(&mut self) -> Result<bool, String> {
        let is_there = self.takes("by") || self.takes("without");
        if is_there {
            self.labels_in_parentheses()?;
        }
        Ok(is_there)
    }

    fn labels_in_parentheses(&mut self) -> Result<(), String> {
        self.require("(")?;
        while !self.takes(")") {
            let label = self.name()?;
            self.grouped.push(label);
            self.takes(",");
        }
        Ok(())
    }

    fn selector(&mut self, name: &str) -> Result<(), String> {
        let family = if name == "up" { None } else { Some(family(name)?) };
        if let Some(family) = family {
            self.metrics.insert(family.name);
            self.labels.extend(family.labels.iter().map(|label| label.name));
            self.labels.extend((family.kind == Kind::Histogram).then_some("le"));
        }
        if !self.takes("{") {
            return Ok(());
        }
        while !self.takes("}") {
            let label = self.name()?;
            if !["=", "!=", "=~", "!~"].into_iter().any(|operator| self.takes(operator)) {
                return Err(format!("how is {label} compared?"));
            }
            let Some(Token::Text(value)) = self.peek().cloned() else {
                return Err(format!("what is {label} compared with?"));
            };
            self.at += 1;
            if !OF_SCRAPE.contains(&label.as_str()) {
                can_be(family, name, &label, &value)?;
            }
            self.takes(",");
        }
        Ok(())
    }
}

/// The metric of a series.
fn family(series: &str) -> Result<&'static Family, String> {
    let of_histogram = |family: &Family| {
        let part = series.strip_prefix(family.name);
        family.kind == Kind::Histogram && part.is_some_and(|part| ["_bucket", "_sum", "_count"].contains(&part))
    };
    let found = families::all()
        .find(|family| (family.name == series && family.kind != Kind::Histogram) || of_histogram(family));
    found.ok_or_else(|| format!("there is no metric {series}"))
}

/// Fails if a label of a metric cannot have a value, or one of several that `|` parts.
fn can_be(family: Option<&Family>, name: &str, label: &str, values: &str) -> Result<(), String> {
    let declared = family.and_then(|family| family.labels.iter().find(|declared| declared.name == label));
    let declared = declared.ok_or_else(|| format!("{name} has no label {label}"))?;
    if let Values::Listed(words) = declared.values {
        let words = words();
        let unknown = values
            .split('|')
            .find(|value| !words.iter().any(|word| word.name == *value));
        return unknown.map_or(Ok(()), |value| Err(format!("{label} of {name} is never {value}")));
    }
    Ok(())
}

#[test]
fn a_slip_in_an_expression_is_found() {
    for right in [
        "anomaly_gateway_ready == 0",
        r#"sum by (outcome) (rate(anomaly_gateway_requests_total{outcome=~"failed|stopped",instance="x"}[5m])) > 0"#,
        "histogram_quantile(0.99, sum by (le) (rate(anomaly_gateway_request_duration_seconds_bucket[5m])))",
        "(anomaly_gateway_certificate_not_after_seconds - time()) / 86400",
    ] {
        assert_eq!(check(right).map(|metrics| metrics.len()), Ok(1), "{right}");
    }
    for wrong in [
        "anomaly_gateway_redy == 0",
        "anomaly_gateway_ready == ",
        "sum(anomaly_gateway_ready",
        "rate(anomaly_gateway_requests_total)",
        "anomaly_gateway_requests_total[5m]",
        "sum(anomaly_gateway_requests_total[5m])",
        r#"anomaly_gateway_requests_total{outcom="failed"}"#,
        r#"anomaly_gateway_requests_total{outcome="fialed"}"#,
        r#"anomaly_gateway_requests_total{outcome=~"failed|fialed"}"#,
        "sum by (outcom) (anomaly_gateway_requests_total)",
        "anomaly_gateway_request_duration_seconds",
        "anomaly_gateway_ready 1",
        "anomaly_gateway_ready & 1",
    ] {
        assert!(check(wrong).is_err(), "{wrong}");
    }
}

/// The examples of the documentation, one expression a line.
#[test]
fn every_query_of_the_documentation_is_one() {
    let pages = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/**/*.md");
    let pages = glob::glob(pages.to_str().expect("a path in UTF-8")).expect("a glob");
    let mut queries = 0;
    for page in pages.map(|page| page.expect("a file")) {
        let text = std::fs::read_to_string(&page).expect("a text");
        let blocks = text.split("```promql\n").skip(1);
        let blocks = blocks.filter_map(|block| block.split("```").next());
        let lines = blocks
            .flat_map(str::lines)
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        for query in lines {
            queries += 1;
            check(query).unwrap_or_else(|fault| panic!("{}: {query}: {fault}", page.display()));
        }
    }
    assert!(queries > 10, "only {queries} queries were found");
}
