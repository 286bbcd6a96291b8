//! What is wrong inside a value of a right kind: forms, lists, maps and analyzers.

use std::collections::HashMap;

use super::{Found, SchemaFault, Walk, rule, suggestion};
use crate::admission::annotation::Reading;
use crate::admission::hash_order;
use crate::admission::shape::{Field, Form, ObjectShape, Shape};
use crate::es::error::{Exception, Kind};
use crate::es::version::Version;
use crate::xcontent::json::{Document, Fault, FaultKind, Member, Node, Token};

/// From this version on a wrong element of a list of texts is an illegal argument (not in 8.15.0, there in 8.15.3).
const ELEMENT_IS_ARGUMENT: Version = Version::new(8, 15, 1);
/// From this version on a component's settings are refused as an argument (not by 7.9.3).
const WRAPS_SETTINGS: Version = Version::new(7, 10, 0);

/// Of more values than that, those which are close to what was sent are named alone, if there are any.
const FEW: usize = 8;

impl Walk<'_> {
    /// What is wrong inside a value of a right kind; without the wrapper of the field.
    pub(super) fn inside(&self, field: &Field, name: &str, value: Node<'_>) -> Found {
        match (&field.shape, value.token()) {
            (Shape::Object(shape) | Shape::Objects(shape), Token::Object) => self.object(shape, value),
            (Shape::Objects(shape), Token::Array) => self.objects(shape, value),
            (Shape::Texts(form), Token::Array) => self.texts(form, name, value),
            (Shape::Texts(form), _) => self.value(form, name, value),
            (Shape::Map(shape), Token::Object) => self.map(shape, value),
            (Shape::Special(members), Token::Object) => self.special(members, name, value),
            _ => self.value(&field.form, name, value),
        }
    }

    fn value(&self, form: &Form, name: &str, value: Node<'_>) -> Found {
        if !value.is_complete() {
            let fault = self.document.fault()?;
            return Some(if form.is_number {
                self.syntax_in_number(fault)
            } else if form.is_boolean {
                self.syntax_in_token(fault, None)
            } else if ends_between_tokens(value) {
                self.syntax_between_tokens(fault)
            } else {
                self.syntax(fault, None)
            });
        }
        let exception = self.refusal(form, name, value)?;
        Some(self.plain(value.start(), value.start(), exception))
    }

    /// Why a complete value does not have its form.
    fn refusal(&self, form: &Form, name: &str, value: Node<'_>) -> Option<Exception> {
        if let Some(read) = form.read {
            let reading = Reading {
                field: name,
                api: self.schema.api,
            };
            if let Err(mut exception) = read(value, reading) {
                // The library's fault about a number names the place where the number ends.
                if exception.kind == Kind::XContentParse {
                    let place = self.document.place_behind(value);
                    exception.reason = format!("[{place}] {}", exception.reason);
                }
                return Some(exception);
            }
        }
        if form.any_case.is_some() && value.token() == Token::Binary {
            // The parser has a text of none for bytes, and writes it in capitals.
            let hint = hint("", form.known_values());
            let reason = format!("bytes are no value that [{name}] can have{hint}");
            return Some(Exception::new(Kind::Library("null_pointer_exception"), reason).by(rule::KIND));
        }
        let text = value.as_text().unwrap_or_default();
        let is_listed = form.values.is_empty()
            || form
                .values
                .iter()
                .any(|listed| jsonschema::json::Node::equals_value(&value, listed));
        let is_listed_in_any_case = form.any_case.as_ref().is_none_or(|values| values.has(&text));
        if is_listed && is_listed_in_any_case {
            return None;
        }
        let hint = hint(&text, form.known_values());
        let reason = format!("[{text}] is not a value that [{name}] can have{hint}");
        Some(Exception::new(Kind::IllegalArgument, reason).by(rule::WORD))
    }

    /// A list of objects. One scalar directly before an object is passed over, as the parser does.
    fn objects(&self, shape: &ObjectShape, list: Node<'_>) -> Found {
        let mut elements = list.elements();
        while let Some(first) = elements.next() {
            let element = match first.token() {
                Token::Object => first,
                Token::Array => return Some(self.nested_list(first)),
                Token::Nothing => return Some(self.no_value(first.start(), first.start())),
                _ => match elements.next() {
                    Some(second) if second.token() == Token::Object => second,
                    Some(second) => return Some(self.no_object(shape, second.start(), second.token().name())),
                    None => {
                        let end = list.last_token();
                        return match (end, self.document.fault()) {
                            (Some(end), _) => Some(self.no_object(shape, end, "END_ARRAY")),
                            // It is the parser of the object that reads past the scalar.
                            (None, fault) => fault.map(|fault| {
                                let parser = shape.names_syntax_faults.then_some(shape.parser.as_str());
                                self.syntax_past_element(&past_scalar(fault), parser)
                            }),
                        };
                    }
                },
            };
            if let Some(fault) = self.object(shape, element) {
                return Some(fault);
            }
        }
        self.unless_complete(list)
    }

    fn no_object(&self, shape: &ObjectShape, at: usize, token: &str) -> SchemaFault {
        self.positioned(
            at,
            &format!("[{}] Expected START_OBJECT but was: {token}", shape.parser),
        )
        .by(rule::LIST)
    }

    fn nested_list(&self, element: Node<'_>) -> SchemaFault {
        let exception = Exception::new(Kind::IllegalState, "expected value but got [START_ARRAY]").by(rule::LIST);
        self.plain(element.start(), element.start(), exception)
    }

    fn texts(&self, form: &Form, name: &str, list: Node<'_>) -> Found {
        for element in list.elements() {
            match element.token() {
                Token::Array => return Some(self.nested_list(element)),
                Token::Nothing => return Some(self.no_value(element.start(), element.start())),
                Token::Object | Token::Null => {
                    let at = element.start();
                    let kind = if self.schema.api >= ELEMENT_IS_ARGUMENT {
                        Kind::IllegalArgument
                    } else {
                        Kind::IllegalState
                    };
                    let (token, place) = (element.token().name(), self.document.place(at));
                    let reason = format!("a {token} at {place} is no text; [{name}] may only have texts");
                    return Some(self.plain(at, at, Exception::new(kind, reason).by(rule::LIST)));
                }
                Token::String if !element.is_complete() => {
                    return self.document.fault().map(|fault| self.syntax(fault, None));
                }
                _ => {}
            }
        }
        if let Some(fault) = self.unless_complete(list) {
            return Some(fault);
        }
        // What the texts say is looked at when the list has been read.
        let end = list.last_token().unwrap_or(list.start());
        let exception = list.elements().find_map(|element| self.refusal(form, name, element))?;
        Some(self.plain(end, end, exception))
    }

    fn unless_complete(&self, value: Node<'_>) -> Found {
        let fault = self.document.fault().filter(|_| !value.is_complete())?;
        Some(self.syntax(fault, None))
    }

    /// An object of any names: read whole, then each value is written out and read again with its own parser, whose
    /// positions are those of the second text (create-job.md §2.7).
    fn map(&self, shape: &ObjectShape, map: Node<'_>) -> Found {
        let end = map.last_token()?;
        for member in hash_order::members(map) {
            match member.value.token() {
                Token::Object => {
                    let text = hash_order::print(member.value);
                    let again = Document::of_text(&text);
                    let walk = Walk {
                        schema: self.schema,
                        document: &again,
                    };
                    if let Some(fault) = again.root().and_then(|root| walk.object(shape, root)) {
                        return Some(self.plain(end, end, fault.exception));
                    }
                }
                Token::Null => {
                    let reason = format!("[1:1] [{}] Expected START_OBJECT but was: VALUE_NULL", shape.parser);
                    let exception = Exception::new(Kind::XContentParse, reason).by(rule::KIND);
                    return Some(self.plain(end, end, exception));
                }
                token => {
                    let reason = format!("[{}] must be an object, not a {}", member.name, token.name());
                    let exception = Exception::new(Kind::ClassCast, reason).by(rule::KIND);
                    return Some(self.plain(end, end, exception));
                }
            }
        }
        None
    }

    /// An analyzer: its members are read by hand, so that whatever is wrong is an argument of it (create-job.md §2.8).
    fn special(&self, fields: &HashMap<String, Field>, name: &str, object: Node<'_>) -> Found {
        let mut has_tokenizer = false;
        for member in object.members() {
            let (key, value) = (member.name.as_ref(), member.value);
            let token = value.token();
            let Some(field) = fields.get(key) else {
                return Some(self.unknown_parameter(name, &member));
            };
            let found = match &field.shape {
                Shape::Elements(_) if token != Token::Array => Some(self.unknown_parameter(name, &member)),
                Shape::Elements(element) => value
                    .elements()
                    .find_map(|value| self.component(element, key, name, value))
                    .or_else(|| self.unless_complete(value)),
                _ => {
                    has_tokenizer = true;
                    self.component(field, key, name, value)
                }
            };
            if found.is_some() {
                return found;
            }
        }
        if let Some(fault) = self.document.fault().filter(|_| !object.is_complete()) {
            return Some(self.syntax_between_tokens(fault));
        }
        let end = object.last_token().unwrap_or(object.start());
        (!has_tokenizer).then(|| {
            let reason = format!("[{name}] is no name of an analyzer and has no [tokenizer] of its own; add one");
            self.argument(end, reason).by(rule::ANALYZER)
        })
    }

    fn unknown_parameter(&self, name: &str, member: &Member<'_>) -> SchemaFault {
        let token = member.value.token().name();
        let reason = format!(
            "Parameter [{}] in [{name}] is unknown or of the wrong type [{token}]; use [tokenizer], and lists \
             of [char_filter] and [filter]",
            member.name
        );
        self.argument(member.value.start(), reason).by(rule::ANALYZER)
    }

    /// One component of an analyzer: a name or an object of settings.
    fn component(&self, field: &Field, key: &str, name: &str, value: Node<'_>) -> Found {
        if !field.kinds.contains(&value.token()) {
            let token = value.token().name();
            let reason = format!(
                "[{key}] in [{name}] is a [{token}], neither the name of a component nor its settings; use one of them"
            );
            return Some(self.argument(value.start(), reason).by(rule::ANALYZER));
        }
        if !value.is_complete() {
            return self.document.fault().map(|fault| self.fault_in_whole(fault));
        }
        if self.schema.part_accepts(&field.pointer, value) {
            return None;
        }
        let end = value.last_token().unwrap_or(value.start());
        let cause = Exception::new(Kind::IllegalState, "a list in settings holds values only");
        let reason = format!(
            "the settings of [{key}] in [{name}] have a list with something else than plain values; use texts, numbers and booleans"
        );
        let settings = Exception::new(Kind::Settings, reason.clone()).caused_by(cause);
        let exception = if self.schema.api >= WRAPS_SETTINGS {
            Exception::new(Kind::IllegalArgument, reason).caused_by(settings)
        } else {
            settings
        };
        Some(self.plain(end, end, exception.by(rule::SETTINGS)))
    }
}

/// Whether the text ends directly inside of an object of any names that is not read whole, or of one of its values: those
/// are read token by token.
fn ends_between_tokens(object: Node<'_>) -> bool {
    let is_object = |value: Node<'_>| value.token() == Token::Object;
    is_object(object) && open_value(object).is_none_or(|value| is_object(value) && open_value(value).is_none())
}

/// The member's value in which the text ends.
fn open_value(object: Node<'_>) -> Option<Node<'_>> {
    let last = object.members().last()?.value;
    Some(last).filter(|last| !last.is_complete())
}

/// A fault as whoever passes over a value tells it: what is missing of it is the end of all.
fn past_scalar(fault: &Fault) -> Fault {
    match fault.kind {
        FaultKind::Truncated { passed_over, .. } => Fault {
            kind: FaultKind::EndOfText,
            read_on: passed_over,
            ..*fault
        },
        _ => fault.clone(),
    }
}

/// The end of a message about a value that is none of the known ones: what it may be.
fn hint(value: &str, mut known: Vec<String>) -> String {
    known.retain(|known| !known.is_empty());
    let close = suggestion(value, &known);
    match known.len() {
        0 => String::new(),
        1.. if known.len() > FEW && !close.is_empty() => format!(";{close}"),
        _ => format!("; its values are [{}]", known.join("], [")),
    }
}
