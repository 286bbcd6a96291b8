//! Reads the `script_fields` of a datafeed, token by token as Elasticsearch does (jobs-api.md §5.1): its parser of fields is
//! written by hand, and its parser of scripts has messages of its own.

use super::super::datafeed::{Code, Script, ScriptField, clauses};
use super::super::rulebook::Rule;
use super::super::values;
use super::{Read, Reader, Stop, refused};
use crate::admission::schema_fault::parse_exception;
use crate::es::error::Exception;
use crate::es::suggestion::close;
use crate::xcontent::json::{Member, Node, Token};
use crate::xcontent::utf16;

/// The name of the parser of scripts.
const SCRIPT: &str = "script";
/// What a script has.
const NAMES: [&str; 7] = ["source", "inline", "id", "stored", "lang", "options", "params"];
/// The only option that there is.
const CONTENT_TYPE: &str = "content_type";

impl<'a> Reader<'a> {
    /// The fields in the order of their names.
    pub(super) fn script_fields(&self, object: Node<'a>) -> Read<Vec<ScriptField<'a>>> {
        let mut fields = Vec::new();
        for Member { name, value, .. } in object.members() {
            if value.token() != Token::Object {
                let what = format!("[{name}] is no object; use one with a [script]");
                return Err(self.misformed(value.start(), &what));
            }
            let mut field = ScriptField {
                name,
                script: None,
                ignores_failure: false,
            };
            for member in value.members() {
                self.part_of_script_field(&mut field, &member, value)?;
            }
            self.complete(value)?;
            fields.push(field);
        }
        self.complete(object)?;
        fields.sort_by(|left, right| utf16::units(&left.name).cmp(utf16::units(&right.name)));
        Ok(fields)
    }

    fn part_of_script_field(&self, field: &mut ScriptField<'a>, member: &Member<'a>, object: Node<'a>) -> Read<()> {
        let (key, value) = (member.name.as_ref(), member.value);
        let is_value = !matches!(value.token(), Token::Object | Token::Array | Token::Null);
        match (key, value.token()) {
            (SCRIPT, Token::Object | Token::String) => field.script = Some(self.script(value)?),
            (SCRIPT, _) if is_value => return Err(self.no_script(value, object)),
            ("ignore_failure", Token::Boolean) => {
                self.complete(value)?;
                field.ignores_failure = values::boolean(value);
            }
            ("ignore_failure", Token::String) => {
                let end = self.complete(value)?;
                let text = value.as_text().unwrap_or_default();
                if !matches!(text.as_ref(), "true" | "false" | "") {
                    let what = format!("[ignore_failure] is [{text}], neither [true] nor [false]; use one of them");
                    return Err(self.wrong(end, &what));
                }
                field.ignores_failure = text == "true";
            }
            _ => {
                let what = format!(
                    "[{key}] is a [{}], which a field of a script does not have; use [script] and [ignore_failure]",
                    value.token().name()
                );
                return Err(self.misformed(value.start(), &what));
            }
        }
        Ok(())
    }

    /// Another value in the place of a script: its parser looks at what comes after it.
    fn no_script(&self, value: Node<'a>, object: Node<'a>) -> Stop {
        let mut after = object
            .members()
            .skip_while(|member| member.value.start() != value.start())
            .skip(1);
        let (at, token) = match (after.next(), object.last_token()) {
            (Some(next), _) => (next.name_start, "FIELD_NAME"),
            (None, Some(end)) => (end, "END_OBJECT"),
            (None, None) => return Stop::BrokenOff,
        };
        let reason = format!("[{SCRIPT}] Expected START_OBJECT but was: {token}");
        self.stop(
            at,
            parse_exception(self.document, at, &reason).by(Rule::ScriptFieldsForm.id()),
        )
    }

    fn script(&self, value: Node<'a>) -> Read<Script<'a>> {
        let mut code = None;
        let mut script = Script {
            code: Code::Source("".into()),
            lang: None,
            content_type: None,
            params: None,
        };
        if let Some(source) = value.as_text() {
            self.complete(value)?;
            script.code = Code::Source(source);
            return Ok(script);
        }
        let mut options = None;
        for Member {
            name,
            name_start,
            value,
        } in value.members()
        {
            let kinds: &[Token] = match name.as_ref() {
                "source" | "inline" => &[Token::Object, Token::String],
                "id" | "stored" | "lang" => &[Token::String],
                "options" | "params" => &[Token::Object],
                unknown => return Err(self.unknown(unknown, name_start, value)),
            };
            if !kinds.contains(&value.token()) {
                let token = value.token().name();
                let reason = format!("[{SCRIPT}] {name} doesn't support values of type: {token}");
                let exception = parse_exception(self.document, value.start(), &reason);
                return Err(self.stop(value.start(), exception.by(Rule::ScriptFieldsForm.id())));
            }
            let end = self.complete(value)?;
            match name.as_ref() {
                "params" => script.params = Some(value),
                "options" => options = Some(value),
                "lang" => script.lang = value.as_text(),
                name => {
                    if code.is_some() {
                        let read = Err(self.wrong(end, "a script has both a [source] and an [id]; use one of them"));
                        return self.in_field(read, SCRIPT, name);
                    }
                    code = Some(match (name, value.as_text()) {
                        ("id" | "stored", Some(id)) => Code::Stored(id),
                        (_, Some(source)) => Code::Source(source),
                        (_, None) => Code::Template(value),
                    });
                }
            }
        }
        let end = self.complete(value)?;
        let Some(code) = code else {
            return Err(self.wrong(end, "a script has neither a [source] nor an [id]; add one of them"));
        };
        script.code = code;
        self.check_options(&mut script, options, end)?;
        Ok(script)
    }

    fn check_options(&self, script: &mut Script<'a>, options: Option<Node<'a>>, end: usize) -> Read<()> {
        let mut given = options.into_iter().flat_map(Node::members);
        let (first, second) = (given.next(), given.next());
        if matches!(script.code, Code::Stored(_)) {
            if script.lang.is_some() {
                return Err(self.wrong(end, "a script with an [id] has its [lang] in the cluster; leave it out"));
            }
            if first.is_some() {
                return Err(self.wrong(
                    end,
                    "a script with an [id] has its [options] in the cluster; leave them out",
                ));
            }
            return Ok(());
        }
        match (first, second) {
            (None, _) => Ok(()),
            (Some(option), None) if option.name == CONTENT_TYPE => {
                script.content_type = option.value.as_text();
                Ok(())
            }
            _ => Err(self.wrong(
                end,
                "the only option of a script is [content_type]; leave out the others",
            )),
        }
    }

    fn unknown(&self, name: &str, at: usize, value: Node<'a>) -> Stop {
        let suggestion = match close(name, NAMES.into_iter()).as_slice() {
            [] => String::new(),
            [one] => format!(" did you mean [{one}]?"),
            several => format!(" did you mean any of [{}]?", several.join(", ")),
        };
        let reason = format!("[{SCRIPT}] unknown field [{name}]{suggestion}");
        let exception = parse_exception(self.document, at, &reason).by(Rule::ScriptFieldsForm.id());
        self.stop(value.start(), exception)
    }

    fn misformed(&self, at: usize, what: &str) -> Stop {
        match self.rules.refuse(Rule::ScriptFieldsForm, &[("what", &what)]) {
            Err(exception) => self.stop(at, clauses::placed(exception, self.document, at)),
            Ok(()) => Stop::BrokenOff,
        }
    }

    fn wrong(&self, at: usize, what: &str) -> Stop {
        match self.rules.refuse(Rule::ScriptFieldsScript, &[("what", &what)]) {
            Err(exception) => self.stop(at, exception),
            Ok(()) => Stop::BrokenOff,
        }
    }

    /// The refusal, unless what the schema found comes before it.
    fn stop(&self, at: usize, exception: Exception) -> Stop {
        if at < self.schema_fault_at {
            refused(at, exception)
        } else {
            Stop::BrokenOff
        }
    }
}
