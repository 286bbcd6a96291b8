//! The options by which a call, or an object in its body, says which indices it means: how Elasticsearch reads them
//! (`IndicesOptions.fromRequest`, `IndicesOptions.fromMap`). Calls that take them as parameters read them before their body.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use super::error::{Exception, Kind};
use super::parameters::Parameters;
use crate::xcontent::json::{Node, Token};
use crate::xcontent::version::Version;

const EXPAND_WILDCARDS: &str = "expand_wildcards";
const IGNORE_UNAVAILABLE: &str = "ignore_unavailable";
const ALLOW_NO_INDICES: &str = "allow_no_indices";
const IGNORE_THROTTLED: &str = "ignore_throttled";

/// What `expand_wildcards` may list, by its exact spelling.
const WILDCARDS: [&str; 5] = ["open", "closed", "hidden", "none", "all"];
/// Those of them that are kinds of indices, in the order in which they are printed.
const KINDS: [&str; 3] = ["open", "closed", "hidden"];

/// The options that are true or false, with their other name in an object, in the order in which they are read, before and
/// from [`READS_GROUPS`].
const BOOLEANS_BEFORE: [(&str, &str); 3] = [
    (IGNORE_UNAVAILABLE, "ignoreUnavailable"),
    (ALLOW_NO_INDICES, "allowNoIndices"),
    (IGNORE_THROTTLED, "ignoreThrottled"),
];
const BOOLEANS: [(&str, &str); 3] = [
    (ALLOW_NO_INDICES, "allowNoIndices"),
    (IGNORE_THROTTLED, "ignoreThrottled"),
    (IGNORE_UNAVAILABLE, "ignoreUnavailable"),
];

/// From this version on (not in 8.11.4, there in 8.13.0) the parameters are read in another order, an empty text is no
/// longer nothing, and `none` beside other values of `expand_wildcards` is deprecated.
const READS_GROUPS: Version = Version::new(8, 13, 0);

/// From this version on what is said of throttled indices is deprecated (not in 7.15.2).
const DEPRECATES_THROTTLED: Version = Version::new(7, 16, 0);

/// The options of a search that says nothing of them: open indices, whether there are any or not, each of which there is.
const DEFAULTS: IndexOptions = IndexOptions {
    expanded: [true, false, false],
    ignores_unavailable: false,
    allows_none: true,
    ignores_throttled: true,
};

/// Which indices are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexOptions {
    /// Which of [`KINDS`] wildcards stand for.
    expanded: [bool; 3],
    ignores_unavailable: bool,
    allows_none: bool,
    ignores_throttled: bool,
}

impl IndexOptions {
    /// What a request's parameters say; the first value that is none is the fault.
    pub fn of_parameters(parameters: &Parameters, api: Version) -> Result<Self, Exception> {
        let mut options = DEFAULTS;
        if let Some(list) = parameters.value(EXPAND_WILDCARDS) {
            options.expand(split(list))?;
        }
        for (name, _) in booleans(api) {
            options.set(name, parameters.value(name), api)?;
        }
        Ok(options)
    }

    /// What an object says. It is a map to Elasticsearch, of which it passes over what it does not know; either of two
    /// spellings will do, and null is nothing.
    pub fn of_object(object: Node<'_>, api: Version) -> Result<Self, Exception> {
        let mut options = DEFAULTS;
        let member = |name: &str, other: &str| {
            let found = object.member(name).or_else(|| object.member(other));
            found.filter(|value| value.token() != Token::Null)
        };
        match member(EXPAND_WILDCARDS, "expandWildcards") {
            None => {}
            Some(list) if list.token() == Token::Array => {
                if list.elements().any(|element| element.token() == Token::Null) {
                    let reason = format!("[{EXPAND_WILDCARDS}] has a null; leave it out");
                    return Err(Exception::new(Kind::Library("null_pointer_exception"), reason));
                }
                options.expand(list.elements().map(text))?;
            }
            Some(value) => {
                let list = text(value);
                options.expand(split(&list))?;
            }
        }
        for (name, other) in booleans(api) {
            let value = member(name, other).map(text);
            options.set(name, value.as_deref(), api)?;
        }
        Ok(options)
    }

    fn expand<'v>(&mut self, values: impl Iterator<Item = Cow<'v, str>>) -> Result<(), Exception> {
        let mut expanded = [false; 3];
        for value in values {
            match value.as_ref() {
                "all" => expanded = [true; 3],
                "none" => expanded = [false; 3],
                kind => {
                    let Some((_, is_expanded)) = KINDS.iter().zip(&mut expanded).find(|(name, _)| **name == kind)
                    else {
                        return Err(unknown(kind));
                    };
                    *is_expanded = true;
                }
            }
        }
        self.expanded = expanded;
        Ok(())
    }

    fn set(&mut self, name: &str, value: Option<&str>, api: Version) -> Result<(), Exception> {
        let Some(is_set) = boolean(name, value, api)? else {
            return Ok(());
        };
        match name {
            IGNORE_UNAVAILABLE => self.ignores_unavailable = is_set,
            ALLOW_NO_INDICES => self.allows_none = is_set,
            _ => self.ignores_throttled = is_set,
        }
        Ok(())
    }

    /// As answers show them.
    #[must_use]
    pub fn printed(self, api: Version) -> impl Serialize {
        let kinds = KINDS.iter().zip(self.expanded).filter(|(_, is_expanded)| *is_expanded);
        let wildcards: Vec<Value> = kinds.map(|(kind, _)| Value::from(*kind)).collect();
        let mut members = vec![
            (EXPAND_WILDCARDS, Value::from(wildcards)),
            (IGNORE_UNAVAILABLE, Value::from(self.ignores_unavailable)),
        ];
        if api >= READS_GROUPS {
            members.reverse();
        }
        members.extend([
            (ALLOW_NO_INDICES, Value::from(self.allows_none)),
            (IGNORE_THROTTLED, Value::from(self.ignores_throttled)),
        ]);
        let named = members.into_iter().map(|(name, value)| (name.to_owned(), value));
        Value::Object(named.collect::<Map<_, _>>())
    }
}

fn booleans(api: Version) -> [(&'static str, &'static str); 3] {
    if api >= READS_GROUPS { BOOLEANS } else { BOOLEANS_BEFORE }
}

fn unknown(value: &str) -> Exception {
    let known = WILDCARDS.join(", ");
    let reason = format!("[{EXPAND_WILDCARDS}] has [{value}]; its values are [{known}], joined by commas");
    Exception::new(Kind::IllegalArgument, reason)
}

fn boolean(name: &str, value: Option<&str>, api: Version) -> Result<Option<bool>, Exception> {
    match value {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        // An empty text was no value.
        Some("") if api < READS_GROUPS => Ok(None),
        Some(other) => {
            let cause = format!("the value [{other}] is neither [true] nor [false]; use one of them");
            let exception = Exception::new(Kind::IllegalArgument, format!("[{name}] cannot be read as a boolean"));
            Err(exception.caused_by(Exception::new(Kind::IllegalArgument, cause)))
        }
    }
}

/// The values of a text joined by commas. Java leaves out empty ones at the end.
fn split(list: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let list = list.trim_end_matches(',');
    list.split(',').filter(move |_| !list.is_empty()).map(Cow::Borrowed)
}

/// The text that any value is taken for.
fn text(value: Node<'_>) -> Cow<'_, str> {
    match (value.as_text(), value.as_boolean()) {
        (Some(text), _) => text,
        (None, Some(boolean)) => Cow::Borrowed(if boolean { "true" } else { "false" }),
        (None, None) => Cow::Borrowed(value.raw()),
    }
}

/// The values of `expand_wildcards`.
fn wildcards(parameters: &Parameters) -> impl Iterator<Item = Cow<'_, str>> {
    split(parameters.value(EXPAND_WILDCARDS).unwrap_or_default())
}

/// The texts of the warnings that the parameters earn.
#[must_use]
pub fn warnings(parameters: &Parameters, api: Version) -> Vec<String> {
    let is_throttled = api >= DEPRECATES_THROTTLED && parameters.value(IGNORE_THROTTLED).is_some();
    let throttled = is_throttled.then(|| {
        format!(
            "[{IGNORE_THROTTLED}] is deprecated, because frozen indices are; leave it out and use data tiers instead"
        )
    });
    let has_none =
        api >= READS_GROUPS && wildcards(parameters).count() > 1 && wildcards(parameters).any(|value| value == "none");
    let none = has_none.then(|| {
        format!("[{EXPAND_WILDCARDS}] has [none] beside other values, which is deprecated; what it means depends on their order")
    });
    throttled.into_iter().chain(none).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEVEN: Version = Version::new(7, 17, 28);
    const NINE: Version = Version::new(9, 5, 3);

    fn parameters(query: &str) -> Parameters {
        Parameters::parse(query).expect("parameters")
    }

    fn refusal(query: &str, api: Version) -> Option<String> {
        let read = IndexOptions::of_parameters(&parameters(query), api);
        read.err().map(|exception| exception.reason)
    }

    /// As Elasticsearch 7.17.28 and 9.5.3.
    #[test]
    fn wildcards_are_known_words_joined_by_commas() {
        for value in ["open", "closed,hidden", "none,all", "", ",", "open,,"] {
            assert_eq!(refusal(&format!("expand_wildcards={value}"), NINE), None, "{value}");
        }
        for value in ["bad", "open,,closed", "Open", "%20open", ",open", "all,none,x"] {
            let reason = refusal(&format!("expand_wildcards={value}"), SEVEN).expect(value);
            assert!(reason.starts_with("[expand_wildcards] has ["), "{reason}");
        }
    }

    #[test]
    fn an_empty_boolean_is_nothing_before_8_13() {
        for (name, _) in BOOLEANS {
            assert_eq!(refusal(name, SEVEN), None, "{name}");
            assert!(refusal(name, NINE).is_some(), "{name}");
            assert_eq!(refusal(&format!("{name}=true"), NINE), None, "{name}");
            assert!(refusal(&format!("{name}=True"), SEVEN).is_some(), "{name}");
        }
    }

    /// As Elasticsearch 7.17.28 and 9.5.3: of two faults the first in the version's order is told.
    #[test]
    fn the_order_is_that_of_the_version() {
        let told = |query: &str, api: Version| refusal(query, api).expect("a refusal");
        let two = "ignore_unavailable=x&allow_no_indices=y";
        assert!(told(two, SEVEN).contains("ignore_unavailable"));
        assert!(told(two, NINE).contains("allow_no_indices"));
        assert!(told("expand_wildcards=x&allow_no_indices=y", NINE).contains("expand_wildcards"));
    }

    fn printed(object: &str, api: Version) -> Result<String, Exception> {
        let document = crate::xcontent::json::Document::read(object.as_bytes());
        let options = IndexOptions::of_object(document.root().expect("a value"), api)?;
        Ok(serde_json::to_string(&options.printed(api)).expect("JSON"))
    }

    /// As Elasticsearch 7.17.28 and 9.5.3.
    #[test]
    fn an_object_says_it_in_many_ways() {
        let rest = r#""allow_no_indices":true,"ignore_throttled":true}"#;
        for (object, wildcards) in [
            ("{}", r#"["open"]"#),
            (r#"{"expand_wildcards":"all"}"#, r#"["open","closed","hidden"]"#),
            (r#"{"expand_wildcards":["open","none"]}"#, "[]"),
            (r#"{"expand_wildcards":["none","open"],"x":{}}"#, r#"["open"]"#),
            (r#"{"expandWildcards":"hidden,open,"}"#, r#"["open","hidden"]"#),
            (r#"{"expand_wildcards":"","ignore_unavailable":"false"}"#, "[]"),
            (r#"{"expand_wildcards":null,"ignoreUnavailable":null}"#, r#"["open"]"#),
        ] {
            let older = format!(r#"{{"expand_wildcards":{wildcards},"ignore_unavailable":false,{rest}"#);
            let newer = format!(r#"{{"ignore_unavailable":false,"expand_wildcards":{wildcards},{rest}"#);
            assert_eq!(printed(object, SEVEN), Ok(older), "{object}");
            assert_eq!(printed(object, NINE), Ok(newer), "{object}");
        }
        for object in [
            r#"{"expand_wildcards":"OPEN"}"#,
            r#"{"expand_wildcards":1}"#,
            r#"{"expand_wildcards":["open,closed"]}"#,
            r#"{"ignore_unavailable":1}"#,
            r#"{"allow_no_indices":"True"}"#,
        ] {
            let refused = printed(object, NINE).expect_err(object);
            assert_eq!(refused.kind, Kind::IllegalArgument, "{object}");
        }
    }

    #[test]
    fn what_is_deprecated_earns_a_warning() {
        let warned = |query: &str, api: Version| warnings(&parameters(query), api).len();
        assert_eq!(warned("ignore_throttled=true", Version::new(7, 15, 2)), 0);
        assert_eq!(warned("ignore_throttled=true", SEVEN), 1);
        assert_eq!(warned("ignore_throttled=false", NINE), 1);
        assert_eq!(warned("expand_wildcards=none", NINE), 0);
        assert_eq!(warned("expand_wildcards=open,none", NINE), 1);
        assert_eq!(warned("expand_wildcards=open,none", SEVEN), 0);
        assert_eq!(warned("timeout=1s", NINE), 0);
    }
}
