//! What is wrong with a document that does not fit its schema, in Elasticsearch's words (create-job.md §2, §2.1).
//!
//! Elasticsearch reads a body as a stream and reports the first fault it meets; so does this: it walks the document in
//! its order beside the shape of the schema, passes over every part that the schema accepts, and derives the chain of
//! exceptions from the schema, the place and the value of the first part that it does not.

mod inside;
mod library;
mod rule;
mod syntax;

use super::schema::Schema;
use super::shape::{Field, ObjectShape, Shape};
use crate::es::error::{Exception, Kind};
use crate::es::suggestion::close;
use crate::es::version::Version;
use crate::xcontent::json::{Document, Fault, FaultKind, Member, Node, Token};

/// From this version on (7.6 or 7.7) an unknown field's message suggests others, and its wrappers carry the place of
/// the value instead of the name's (create-job.md §2).
const SUGGESTS: Version = Version::new(7, 6, 0);
/// From this version on the end of a body inside of an object of any names is asked for its kind, which it has none of
/// (seen of 7.8.1, not of 6.8.23).
const ENDS_ARE_NO_VALUES: Version = Version::new(7, 7, 0);

/// The first fault of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaFault {
    /// The byte of the document by which Elasticsearch has noticed it. What the rules find in parts that are complete
    /// before is reported instead.
    pub detected_at: usize,
    /// What the client is told.
    pub exception: Exception,
    /// The byte that the wrappers of the exception name.
    at: usize,
}

/// The first fault of a document, or nothing when the schema accepts it as Elasticsearch reads it.
#[must_use]
pub fn first_fault(schema: &Schema, document: &Document<'_>) -> Option<SchemaFault> {
    let fault = fault(schema, document)?;
    if fault.exception.rule().is_some() {
        return Some(fault);
    }
    // What else there is are faults of the text.
    let rule = match document.fault().map(|fault| &fault.kind) {
        Some(FaultKind::DuplicateName(_)) => rule::DUPLICATE_NAME,
        _ => rule::SYNTAX,
    };
    let exception = fault.exception.by(rule);
    Some(SchemaFault { exception, ..fault })
}

fn fault(schema: &Schema, document: &Document<'_>) -> Option<SchemaFault> {
    let walk = Walk { schema, document };
    let Some(root) = document.root() else {
        return Some(walk.without_root());
    };
    if document.fault().is_none() && !document.has_bytes() && schema.accepts(root) {
        return None;
    }
    if root.token() == Token::Object {
        return walk.object(&schema.root, root);
    }
    let reason = format!(
        "[{}] Expected START_OBJECT but was: {}",
        schema.root.parser,
        root.token().name()
    );
    Some(walk.positioned(root.start(), &reason).by(rule::OBJECT))
}

/// `[line:column] reason` as a parse exception.
#[must_use]
pub fn parse_exception(document: &Document<'_>, at: usize, reason: &str) -> Exception {
    Exception::new(Kind::XContentParse, format!("[{}] {reason}", document.place(at)))
}

/// The wrapper that a parser puts around what goes wrong inside one of its fields.
#[must_use]
pub fn in_field(document: &Document<'_>, at: usize, parser: &str, field: &str, cause: Exception) -> Exception {
    parse_exception(document, at, &format!("[{parser}] failed to parse field [{field}]")).caused_by(cause)
}

impl SchemaFault {
    /// The same fault, which tells of the rule with this id.
    fn by(self, rule: &'static str) -> Self {
        let exception = self.exception.by(rule);
        Self { exception, ..self }
    }
}

struct Walk<'w> {
    schema: &'w Schema,
    document: &'w Document<'w>,
}

type Found = Option<SchemaFault>;

impl Walk<'_> {
    fn without_root(&self) -> SchemaFault {
        let parser = &self.schema.root.parser;
        let nowhere = self.document.place_of_nothing();
        match self.document.fault() {
            Some(fault) => self.syntax(fault, Some(parser)),
            None => SchemaFault {
                detected_at: 0,
                at: 0,
                exception: Exception::new(
                    Kind::XContentParse,
                    format!("[{nowhere}] [{parser}] Expected START_OBJECT but was: null"),
                )
                .by(rule::OBJECT),
            },
        }
    }

    fn object(&self, shape: &ObjectShape, node: Node<'_>) -> Found {
        let awaited = shape.required.iter().chain(&shape.built_with);
        let mut missing: Vec<&str> = awaited.map(String::as_str).collect();
        let mut waiting: Found = None;
        for member in node.members() {
            let Some(field) = shape.fields.get(member.name.as_ref()) else {
                if shape.ignores_unknown {
                    match self.fault_in_skipped(member.value) {
                        None => continue,
                        fault => return fault,
                    }
                }
                return Some(self.unknown_field(shape, &member.name, member.name_start, member.value.start()));
            };
            if let Some(fault) = self.field(field, &shape.parser, &member.name, member.value) {
                // A late value is read here but judged when the required members are there.
                let is_late = field.late && !missing.is_empty() && member.value.is_complete();
                if !is_late || !matches!(fault.exception.cause, Some(ref cause) if cause.kind == Kind::IllegalArgument)
                {
                    return Some(fault);
                }
                // What waits is applied from the last one back.
                waiting = Some(fault);
            }
            let was_missing = missing.len();
            missing.retain(|name| *name != member.name);
            if missing.is_empty()
                && was_missing > 0
                && let Some(waiting) = waiting.take()
            {
                return Some(self.after_required(shape, &member, waiting));
            }
        }
        let Some(end) = node.last_token() else {
            // A name is judged before its value is read.
            if self.schema.api < SUGGESTS
                && let Some((name, start)) = self.document.last_name()
                && !shape.fields.contains_key(name.as_ref())
                && !shape.ignores_unknown
                && self.document.is_in_another_format()
            {
                return Some(self.unknown_field(shape, &name, start, start));
            }
            return self.document.fault().map(|fault| {
                let parser = shape.names_syntax_faults.then_some(shape.parser.as_str());
                self.syntax(fault, parser)
            });
        };
        missing.retain(|name| shape.built_with.as_deref() != Some(*name));
        if missing.is_empty() || shape.required_later {
            return waiting.map(|waiting| self.built(shape, end, waiting));
        }
        let reason = format!("Required [{}]", missing.join(", "));
        let exception = Exception::new(Kind::IllegalArgument, reason).by(rule::MISSING_FIELD);
        Some(self.plain(end, end, exception))
    }

    /// A late value's fault, told when the last required member has been read.
    fn after_required(&self, shape: &ObjectShape, last: &Member<'_>, waiting: SchemaFault) -> SchemaFault {
        let end = last.value.last_token().unwrap_or(last.value.start());
        let build = self.built(shape, end, waiting);
        SchemaFault {
            at: end,
            exception: in_field(self.document, end, &shape.parser, &last.name, build.exception),
            ..build
        }
    }

    /// A late value's fault, told when the object is built at `end`.
    fn built(&self, shape: &ObjectShape, end: usize, waiting: SchemaFault) -> SchemaFault {
        let reason = format!("failed to build [{}] after last required field arrived", shape.parser);
        let build = parse_exception(self.document, waiting.at, &reason).caused_by(waiting.exception);
        // One byte later than the end, as what the rules find in the value that ends there comes first.
        self.plain(end + 1, waiting.at, build)
    }

    fn field(&self, field: &Field, parser: &str, name: &str, value: Node<'_>) -> Found {
        let token = value.token();
        // A schema for JSON takes bytes for a text, also inside of what it judges.
        let has_bytes = match token {
            Token::Object | Token::Array => self.document.has_bytes(),
            token => token == Token::Binary,
        };
        if value.is_complete() && !has_bytes && self.schema.part_accepts(&field.pointer, value) {
            return None;
        }
        if !field.kinds.is_empty() && !field.kinds.contains(&token) {
            let at = value.start();
            // What lets the other plain values pass lets bytes, which JSON does not have.
            let passes = field.passes.contains(&token) || token == Token::Binary && !field.passes.is_empty();
            if !passes {
                let reason = format!("[{parser}] {name} doesn't support values of type: {}", token.name());
                return Some(self.positioned(at, &reason).by(rule::KIND));
            }
            let usable: Vec<&str> = field.kinds.iter().map(|kind| kind.name()).collect();
            let reason = format!(
                "unexpected token [{}] for [{name}]; use [{}]",
                token.name(),
                usable.join("] or [")
            );
            return Some(self.wrap(self.argument(at, reason).by(rule::KIND), parser, name));
        }
        if field.whole && !value.is_complete() {
            return self.broken_off(field, parser, name);
        }
        self.inside(field, name, value)
            .map(|fault| self.wrap(fault, parser, name))
    }

    fn unknown_field(&self, shape: &ObjectShape, name: &str, start: usize, value: usize) -> SchemaFault {
        let parser = &shape.parser;
        let suggests = self.schema.api >= SUGGESTS;
        let tail = if suggests {
            suggestion(name, &shape.names)
        } else {
            ", parser not found".to_owned()
        };
        let reason = format!("[{parser}] unknown field [{name}]{tail}");
        let at = if suggests { value } else { start };
        // Before, the value has not been read; only the reader of JSON has seen its first character.
        let detected_at = if self.document.is_in_another_format() {
            at
        } else {
            value
        };
        let exception = parse_exception(self.document, start, &reason).by(rule::UNKNOWN_FIELD);
        self.plain(detected_at, at, exception)
    }

    /// What is wrong with an object of any names that was not read to its end. Where the end of a body of CBOR is taken for
    /// a token, it ends a list and all around it, but is no value of a member.
    fn broken_off(&self, field: &Field, parser: &str, name: &str) -> Found {
        let fault = self.document.fault()?;
        if self.document.ends_in_nothing()
            && !self.document.ends_in_object()
            && fault.kind == FaultKind::EndOfText
            && !matches!(field.shape, Shape::Map(_))
        {
            let reason = format!("parser for [{name}] did not end on END_OBJECT");
            let at = fault.token.unwrap_or_default();
            return Some(self.plain(fault.offset, at, Exception::new(Kind::IllegalState, reason)));
        }
        Some(self.wrap(self.fault_in_whole(fault), parser, name))
    }

    /// A fault in an object that is read whole, other than its end in a list.
    fn fault_in_whole(&self, fault: &Fault) -> SchemaFault {
        let asks = self.schema.api >= ENDS_ARE_NO_VALUES;
        if asks && self.document.ends_in_nothing() && self.document.ends_in_object() {
            self.no_value(fault.offset, fault.token.unwrap_or_default())
        } else {
            self.syntax(fault, None)
        }
    }

    /// The end of the body, where it is taken for a token and a value is asked for.
    fn no_value(&self, detected_at: usize, at: usize) -> SchemaFault {
        let exception = Exception::new(
            Kind::Library("null_pointer_exception"),
            "the body ends where a value should begin",
        );
        self.plain(detected_at, at, exception)
    }

    fn wrap(&self, fault: SchemaFault, parser: &str, field: &str) -> SchemaFault {
        let exception = in_field(self.document, fault.at, parser, field, fault.exception);
        SchemaFault { exception, ..fault }
    }

    fn positioned(&self, at: usize, reason: &str) -> SchemaFault {
        self.plain(at, at, parse_exception(self.document, at, reason))
    }

    fn argument(&self, at: usize, reason: String) -> SchemaFault {
        self.plain(at, at, Exception::new(Kind::IllegalArgument, reason))
    }

    #[allow(clippy::unused_self, reason = "reads as its neighbours do")]
    fn plain(&self, detected_at: usize, at: usize, exception: Exception) -> SchemaFault {
        SchemaFault {
            detected_at,
            exception,
            at,
        }
    }
}

/// The end of a message about an unknown name: those of the known ones that are close to it.
fn suggestion(unknown: &str, known: &[String]) -> String {
    match close(unknown, known.iter().map(String::as_str)).as_slice() {
        [] => String::new(),
        [one] => format!(" did you mean [{one}]?"),
        several => format!(" did you mean any of [{}]?", several.join(", ")),
    }
}
