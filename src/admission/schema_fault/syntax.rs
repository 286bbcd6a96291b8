//! Faults of the syntax: with which exceptions each version of Elasticsearch tells them.

use super::{SchemaFault, Walk, library};
use crate::es::error::{Exception, Kind};
use crate::es::version::{Backport, Version};
use crate::xcontent::json::{Fault, FaultKind, Node, Token};

/// From this version on a fault of the syntax is a positioned parse exception itself (8.0 to 8.9: not verified).
const POSITIONS_SYNTAX: Version = Version::new(8, 0, 0);
/// From this version on so is one inside of a string, which is read when it is asked for (not in 8.17.10).
const POSITIONS_STRINGS: Version = Version::new(8, 18, 0);
/// From this version on the end of the text outside of objects has its place, too (not in 8.15.0, there in 8.15.3).
const POSITIONS_ENDS: Version = Version::new(8, 15, 1);
/// From these versions on the end of the text has a type of its own everywhere, and what goes beyond a limit is a parse
/// exception without a place (not in 8.19.0 and 9.1.0, there in 8.19.21 and 9.1.3).
const NAMES_ENDS: Backport = Backport {
    older: Version::new(8, 19, 3),
    newer: Version::new(9, 1, 3),
};
/// From these versions on a string that is read for the number in it is read in a way of its own, which tells no place
/// where the text ends right behind the quote. It is not in 8.19.12 and 9.3.4, and is in 8.19.21 and 9.5.3; where between
/// them it came is not known.
const READS_NUMBERS: Backport = Backport {
    older: Version::new(8, 19, 13),
    newer: Version::new(9, 4, 0),
};
/// From this version on a fault of what stands before the first value is a parse exception, too. It is not in 9.2.8, and
/// is in 9.5.2; where between them it came is not known.
const WRAPS_HEADER: Version = Version::new(9, 4, 0);

impl Walk<'_> {
    /// A fault of the syntax; directly inside an object whose parser says so, with that parser's level.
    pub(super) fn syntax(&self, fault: &Fault, parser: Option<&str>) -> SchemaFault {
        let library = library::exception(&fault.kind, self.schema.api);
        let exception = match fault.kind {
            FaultKind::Yaml { part, .. } if library::is_unwrapped(part, self.schema.api) => self.unwrapped(library),
            // No exception of input, which no parser expects.
            FaultKind::Index(_) => library,
            FaultKind::ByteOrder(_) => self.beyond_limits(fault, None, library),
            FaultKind::Header(_) | FaultKind::HeaderCut if self.schema.api >= POSITIONS_SYNTAX => {
                self.without_parser(library)
            }
            FaultKind::LongNumber(_) | FaultKind::Conversion(_) => self.beyond_limits(fault, parser, library),
            _ if library.kind == Kind::StreamConstraints => self.beyond_limits(fault, parser, library),
            _ if self.schema.api < POSITIONS_SYNTAX => self.in_parser(fault, parser, library),
            _ if self.schema.api < POSITIONS_STRINGS && self.document.ends_in_string() => library,
            _ => self.positioned_fault(fault, parser, library, self.ends_in_member()),
        };
        self.plain(fault.offset, fault.token.unwrap_or_default(), exception)
    }

    /// A fault in a string that stands for true or false, or that is passed over. Unlike other strings it is read as a
    /// token, and so with its place known, in all versions that tell places.
    pub(super) fn syntax_in_token(&self, fault: &Fault, parser: Option<&str>) -> SchemaFault {
        if self.schema.api < POSITIONS_SYNTAX || !self.document.ends_in_string() {
            return self.syntax(fault, parser);
        }
        let library = library::exception(&fault.kind, self.schema.api);
        let exception = self.positioned_fault(fault, parser, library, true);
        self.plain(fault.offset, fault.token.unwrap_or_default(), exception)
    }

    /// A fault in an element of a list that is passed over, with the token that is asked for next.
    pub(super) fn syntax_past_element(&self, fault: &Fault, parser: Option<&str>) -> SchemaFault {
        if self.schema.api < POSITIONS_SYNTAX {
            return self.syntax(fault, parser);
        }
        let library = library::exception(&fault.kind, self.schema.api);
        let exception = self.positioned_fault(fault, parser, library, false);
        self.plain(fault.offset, fault.token.unwrap_or_default(), exception)
    }

    /// A fault directly inside of an object that is read token by token, where names are tokens like others.
    pub(super) fn syntax_between_tokens(&self, fault: &Fault) -> SchemaFault {
        let library = library::exception(&fault.kind, self.schema.api);
        if library.kind != Kind::JsonEof || self.schema.api < POSITIONS_SYNTAX || self.document.ends_in_string() {
            return self.syntax(fault, None);
        }
        let exception = self.positioned_fault(fault, None, library, false);
        self.plain(fault.offset, fault.token.unwrap_or_default(), exception)
    }

    /// What is wrong with a value that is passed over. The library itself passes over objects and lists, and what it
    /// says of their inside is told as it is; a text is passed over with the token before the next one.
    pub(super) fn fault_in_skipped(&self, value: Node<'_>) -> Option<SchemaFault> {
        let fault = self.document.fault().filter(|_| !value.is_complete())?;
        let library = library::exception(&fault.kind, self.schema.api);
        let exception = match value.token() {
            Token::Object | Token::Array => library,
            Token::String => self.positioned_fault(fault, None, library, true),
            _ => return None,
        };
        Some(self.plain(fault.offset, fault.token.unwrap_or_default(), exception))
    }

    /// Whether the text ends where a member's name is asked for. With a name the reader of JSON reads the beginning of its
    /// value, too; those of other formats do not.
    fn ends_in_member(&self) -> bool {
        let is_asked_for_value = self.document.is_in_another_format() && self.document.last_name().is_some();
        !is_asked_for_value && self.document.ends_in_object() || self.document.ends_in_string()
    }

    /// A fault in a string that is read for the number in it.
    pub(super) fn syntax_in_number(&self, fault: &Fault) -> SchemaFault {
        if !self.document.ends_at_quote() || !READS_NUMBERS.is_in(self.schema.api) {
            return self.syntax(fault, None);
        }
        let library = library::exception(&fault.kind, self.schema.api);
        self.plain(fault.offset, fault.token.unwrap_or_default(), library)
    }

    /// Only what is there before anything is read stands alone.
    fn unwrapped(&self, library: Exception) -> Exception {
        if self.document.root().is_some() {
            Exception::new(Kind::Library("y_a_m_l_exception"), library.reason.clone()).caused_by(library)
        } else {
            library
        }
    }

    /// A fault that is found before there is a parser.
    fn without_parser(&self, library: Exception) -> Exception {
        if self.schema.api >= WRAPS_HEADER {
            Exception::new(Kind::XContentParse, library.reason.clone()).caused_by(library)
        } else {
            let mut exception = library;
            exception.kind = Kind::Library(exception.kind.name());
            exception
        }
    }

    fn beyond_limits(&self, fault: &Fault, parser: Option<&str>, library: Exception) -> Exception {
        if NAMES_ENDS.is_in(self.schema.api) {
            Exception::new(Kind::XContentParse, fault.kind.to_string()).caused_by(library)
        } else {
            self.in_parser(fault, parser, library)
        }
    }

    /// What the library says, with the level of the parser of an object that passes it on.
    fn in_parser(&self, fault: &Fault, parser: Option<&str>, library: Exception) -> Exception {
        let Some(parser) = parser else { return library };
        let place = fault
            .token
            .map_or_else(|| "1:0".to_owned(), |token| self.document.place(token).to_string());
        let reason = format!("[{place}] [{parser}] failed to parse object");
        Exception::new(Kind::XContentParse, reason).caused_by(library)
    }

    fn positioned_fault(&self, fault: &Fault, parser: Option<&str>, library: Exception, in_member: bool) -> Exception {
        let (api, place) = (self.schema.api, self.document.place_of(fault));
        if library.kind != Kind::JsonEof {
            return Exception::new(Kind::XContentParse, format!("[{place}] {}", fault.kind)).caused_by(library);
        }
        // The end where a member's name or value should be has got a type of its own later than any other.
        if NAMES_ENDS.is_in(api) || !in_member && api >= POSITIONS_ENDS {
            Exception::new(Kind::XContentEof, format!("[{place}] Unexpected end of file")).caused_by(library)
        } else if in_member {
            Exception::new(Kind::XContentParse, format!("[{place}] {}", fault.kind)).caused_by(library)
        } else {
            // Not one of the server's own yet.
            let kind = Kind::Library(Kind::XContentEof.name());
            self.in_parser(
                fault,
                parser,
                Exception::new(kind, library.reason.clone()).caused_by(library),
            )
        }
    }
}
