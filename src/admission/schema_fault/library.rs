//! The exceptions of the libraries that read the formats, which stand behind Elasticsearch's own.

use crate::es::error::{Exception, Kind};
use crate::es::version::Version;
use crate::xcontent::json::{FaultKind, YamlPart};

/// From this version on the library tells its limits as what they are.
const NAMES_LIMITS: Version = Version::new(8, 10, 0);
/// From this version on a character of YAML that is cut off is the end of the input (seen of 8.19.21, not of 7.17.28).
const NAMES_CUT: Version = Version::new(8, 19, 0);
/// From this version on the library for YAML wraps what its reader says (Jackson 2.10).
const WRAPS_READER: Version = Version::new(7, 7, 0);

/// The exception of the library that reads the format.
pub(super) fn exception(kind: &FaultKind, api: Version) -> Exception {
    let reason = kind.to_string();
    let (outer, inner) = match kind {
        FaultKind::EndOfText | FaultKind::HeaderCut => (Kind::JsonEof, None),
        FaultKind::LongNumber(_) => (Kind::StreamConstraints, None),
        FaultKind::TooDeep if api >= NAMES_LIMITS => (Kind::StreamConstraints, None),
        FaultKind::Index(_) => (Kind::Library("array_index_out_of_bounds_exception"), None),
        FaultKind::Conversion(_) | FaultKind::ByteOrder(_) => (Kind::Library("char_conversion_exception"), None),
        FaultKind::NumberForm(_) => (Kind::JsonParse, Some(Kind::NumberFormat)),
        FaultKind::Yaml { part, .. } => match part {
            YamlPart::Reader | YamlPart::Character | YamlPart::CutCharacter | YamlPart::Key => {
                return unreadable(*part, &reason, api);
            }
            YamlPart::Scanner => (
                Kind::Library("marked_y_a_m_l_exception"),
                Some(Kind::Library("scanner_exception")),
            ),
            YamlPart::Parser => (
                Kind::Library("marked_y_a_m_l_exception"),
                Some(Kind::Library("parser_exception")),
            ),
        },
        _ => (Kind::JsonParse, None),
    };
    let exception = Exception::new(outer, reason.clone());
    match inner {
        Some(inner) => exception.caused_by(Exception::new(inner, reason)),
        None => exception,
    }
}

/// Whether no parser wraps what is wrong with a text of YAML, as it is no exception of input.
pub(super) fn is_unwrapped(part: YamlPart, api: Version) -> bool {
    let is_marked = matches!(part, YamlPart::Scanner | YamlPart::Parser);
    !is_marked && api < WRAPS_READER
}

/// The exceptions of a text of YAML that cannot be read.
fn unreadable(part: YamlPart, reason: &str, api: Version) -> Exception {
    let exception = |name| Exception::new(Kind::Library(name), reason.to_owned());
    let inner = match part {
        YamlPart::CutCharacter if api >= NAMES_CUT => {
            exception("y_a_m_l_exception").caused_by(exception("i_o_exception"))
        }
        YamlPart::Character | YamlPart::CutCharacter => {
            exception("y_a_m_l_exception").caused_by(exception("char_conversion_exception"))
        }
        YamlPart::Key => exception("y_a_m_l_exception"),
        _ => exception("reader_exception"),
    };
    if is_unwrapped(part, api) {
        return inner;
    }
    exception("jackson_y_a_m_l_parse_exception").caused_by(inner)
}
