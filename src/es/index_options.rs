//! The parameters by which a call says which indices it means: how Elasticsearch reads them
//! (`IndicesOptions.fromRequest`). Calls that take them read them before their body.

use super::error::{Exception, Kind};
use super::parameters::Parameters;
use crate::xcontent::version::Version;

const EXPAND_WILDCARDS: &str = "expand_wildcards";
const IGNORE_UNAVAILABLE: &str = "ignore_unavailable";
const ALLOW_NO_INDICES: &str = "allow_no_indices";
const IGNORE_THROTTLED: &str = "ignore_throttled";

/// What `expand_wildcards` may list, by its exact spelling.
const WILDCARDS: [&str; 5] = ["open", "closed", "hidden", "none", "all"];

/// The parameters that are true or false, in the order in which they are read, before and from [`READS_GROUPS`].
const BOOLEANS_BEFORE: [&str; 3] = [IGNORE_UNAVAILABLE, ALLOW_NO_INDICES, IGNORE_THROTTLED];
const BOOLEANS: [&str; 3] = [ALLOW_NO_INDICES, IGNORE_THROTTLED, IGNORE_UNAVAILABLE];

/// From this version on (not in 8.11.4, there in 8.13.0) the parameters are read in another order, an empty text is no
/// longer false, and `none` beside other values of `expand_wildcards` is deprecated.
const READS_GROUPS: Version = Version::new(8, 13, 0);

/// Fails for the first value that is none.
pub fn check(parameters: &Parameters, api: Version) -> Result<(), Exception> {
    let is_wildcard = |value: &&str| WILDCARDS.contains(value);
    if let Some(unknown) = wildcards(parameters).find(|value| !is_wildcard(value)) {
        let known = WILDCARDS.join(", ");
        let reason = format!("[{EXPAND_WILDCARDS}] has [{unknown}]; its values are [{known}], joined by commas");
        return Err(Exception::new(Kind::IllegalArgument, reason));
    }
    let booleans = if api >= READS_GROUPS { BOOLEANS } else { BOOLEANS_BEFORE };
    booleans
        .iter()
        .try_for_each(|name| check_boolean(parameters, name, api))
}

fn check_boolean(parameters: &Parameters, name: &str, api: Version) -> Result<(), Exception> {
    match parameters.value(name) {
        None | Some("true" | "false") => Ok(()),
        Some("") if api < READS_GROUPS => Ok(()),
        Some(other) => {
            let cause = format!("the value [{other}] is neither [true] nor [false]; use one of them");
            let exception = Exception::new(Kind::IllegalArgument, format!("[{name}] cannot be read as a boolean"));
            Err(exception.caused_by(Exception::new(Kind::IllegalArgument, cause)))
        }
    }
}

/// The values of `expand_wildcards`. Java leaves out empty ones at the end.
fn wildcards(parameters: &Parameters) -> impl Iterator<Item = &str> {
    let list = parameters
        .value(EXPAND_WILDCARDS)
        .unwrap_or_default()
        .trim_end_matches(',');
    list.split(',').filter(move |_| !list.is_empty())
}

/// The texts of the warnings that the parameters earn.
#[must_use]
pub fn warnings(parameters: &Parameters, api: Version) -> Vec<String> {
    let is_throttled = parameters.value(IGNORE_THROTTLED).is_some();
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
        check(&parameters(query), api).err().map(|exception| exception.reason)
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
    fn an_empty_boolean_is_false_before_8_13() {
        for name in BOOLEANS {
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

    #[test]
    fn what_is_deprecated_earns_a_warning() {
        let warned = |query: &str, api: Version| warnings(&parameters(query), api).len();
        assert_eq!(warned("ignore_throttled=true", SEVEN), 1);
        assert_eq!(warned("ignore_throttled=false", NINE), 1);
        assert_eq!(warned("expand_wildcards=none", NINE), 0);
        assert_eq!(warned("expand_wildcards=open,none", NINE), 1);
        assert_eq!(warned("expand_wildcards=open,none", SEVEN), 0);
        assert_eq!(warned("timeout=1s", NINE), 0);
    }
}
