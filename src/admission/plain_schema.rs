//! A version's schema without annotations of ours: plain JSON Schema 2020-12, for editors and for whoever writes bodies by
//! program.
//!
//! What stands in an annotation is said in standard keywords as far as they can say it, and never more than the version
//! asks: every body that it accepts fits. What a plugin's rules ask besides, the plugin adds.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::schema::{Schema, keyword};

/// The prefix of our annotations.
pub const PRIVATE: &str = "x-";
/// Where definitions are referred to.
const DEFINITIONS: &str = "#/$defs/";

/// The keywords of a form of value, by the name of its reader.
pub type FormKeywords<'f> = &'f dyn Fn(&str) -> Map<String, Value>;

/// The plain schema of the call `name`.
#[must_use]
pub fn plain(schema: &Schema, name: &str, form: FormKeywords<'_>) -> Value {
    let version = format!("{}.{}", schema.api.major, schema.api.minor);
    let mut document = Plainer { form }.plain(&with_values_in_place(&schema.effective));
    let Value::Object(members) = &mut document else {
        return document;
    };
    keep_definitions_in_use(members);
    let title = members.get("title").and_then(Value::as_str).unwrap_or(name).to_owned();
    let head = [
        ("$schema", "https://json-schema.org/draft/2020-12/schema".to_owned()),
        ("$id", format!("urn:anomaly-gateway:schema:{name}:{version}")),
        ("title", format!("{title}, Elasticsearch {version}")),
        (
            "description",
            format!(
                "The body of the call as Elasticsearch {version} reads it. A body that does not fit is refused. One that \
                 fits can still break a rule that a schema cannot say; those are listed at the end."
            ),
        ),
    ];
    let rest = std::mem::take(members);
    members.extend(head.map(|(name, text)| (name.to_owned(), Value::String(text))));
    let is_new = |name: &String| !members.contains_key(name);
    let rest: Map<String, Value> = rest.into_iter().filter(|(name, _)| is_new(name)).collect();
    members.extend(rest);
    document
}

/// The schema with the definitions of values, which are small, where they are referred to: what is said beside a
/// reference, such as a description, and what is referred to are one then. Objects keep their definitions.
#[must_use]
pub fn with_values_in_place(schema: &Value) -> Value {
    let is_value = |definition: &Value| definition.get("properties").is_none();
    let definition = |name: &str| schema.get("$defs")?.get(name).filter(|definition| is_value(definition));
    in_place(schema, &definition)
}

fn in_place<'s>(schema: &Value, definition: &impl Fn(&str) -> Option<&'s Value>) -> Value {
    match schema {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            let name = reference.and_then(|reference| reference.strip_prefix(DEFINITIONS));
            let Some(Value::Object(referred)) = name.and_then(definition) else {
                let members = members.iter();
                return Value::Object(
                    members
                        .map(|(name, member)| (name.clone(), in_place(member, definition)))
                        .collect(),
                );
            };
            let mut merged = members.clone();
            merged.shift_remove("$ref");
            for (name, member) in referred {
                merged.entry(name.clone()).or_insert_with(|| member.clone());
            }
            in_place(&Value::Object(merged), definition)
        }
        Value::Array(elements) => elements.iter().map(|element| in_place(element, definition)).collect(),
        other => other.clone(),
    }
}

struct Plainer<'f> {
    form: FormKeywords<'f>,
}

impl Plainer<'_> {
    fn plain(&self, schema: &Value) -> Value {
        match schema {
            Value::Object(members) => {
                let kept = members.iter().filter(|(name, _)| !name.starts_with(PRIVATE));
                let mut plain: Map<String, Value> =
                    kept.map(|(name, member)| (name.clone(), self.plain(member))).collect();
                if let Some(Value::Array(values)) = members.get(keyword::ENUM_ANY_CASE) {
                    let is_trimmed = members.get(keyword::ENUM_TRIMMED) == Some(&Value::Bool(true));
                    plain.extend(one_of_any_case(values, is_trimmed));
                }
                if let Some(form) = members.get(keyword::VALUE).and_then(Value::as_str) {
                    plain.extend((self.form)(form));
                }
                pass_over_scalars(&mut plain);
                Value::Object(plain)
            }
            Value::Array(elements) => elements.iter().map(|element| self.plain(element)).collect(),
            other => other.clone(),
        }
    }
}

/// A list of objects, or one without a list: in the list, one scalar directly before an object is passed over. That it is
/// directly before one cannot be said; that there is an object can, where there is anything, and where it is last.
fn pass_over_scalars(list: &mut Map<String, Value>) {
    let is_of_objects = list
        .get("type")
        .and_then(Value::as_array)
        .is_some_and(|kinds| kinds.iter().any(|kind| kind == "object"));
    if !is_of_objects {
        return;
    }
    let Some(then) = list.get_mut("then").and_then(Value::as_object_mut) else {
        return;
    };
    let Some(items) = then.remove("items") else {
        return;
    };
    let object = json!({"if": {"type": ["object", "array"]}, "then": items});
    then.insert("items".to_owned(), object);
    let ends_in_object = |length: usize| {
        let mut places = vec![json!(true); length.saturating_sub(1)];
        places.push(json!({"type": "object"}));
        json!({"if": {"minItems": length, "maxItems": length}, "then": {"prefixItems": places}})
    };
    let mut all: Vec<Value> = (1..=LONGEST_LIST).map(ends_in_object).collect();
    all.push(json!({"if": {"minItems": 1}, "then": {"contains": {"type": "object"}}}));
    then.insert("allOf".to_owned(), Value::Array(all));
}

/// The longest lists of which it is said that they end in an object.
const LONGEST_LIST: usize = 5;

/// An enumeration whose case does not matter, as the keywords of a schema: the values, which an editor offers, or any
/// other spelling of one of them.
#[must_use]
pub fn any_case(values: &[Value], is_trimmed: bool) -> Value {
    Value::Object(one_of_any_case(values, is_trimmed))
}

fn one_of_any_case(values: &[Value], is_trimmed: bool) -> Map<String, Value> {
    let spellings: Vec<String> = values.iter().filter_map(Value::as_str).map(spelling).collect();
    let blanks = if is_trimmed { r"[\u0000-\u0020]*" } else { "" };
    let pattern = format!("^{blanks}(?:{}){blanks}$", spellings.join("|"));
    let description = if is_trimmed {
        "In any case, and with blanks around it."
    } else {
        "In any case."
    };
    let other = json!({"type": "string", "pattern": pattern, "description": description});
    let mut keywords = Map::new();
    keywords.insert("anyOf".to_owned(), json!([{ "enum": values }, other]));
    keywords
}

/// A regular expression for every spelling of a word. Some letters beyond ASCII have one of ASCII's, or two, as their
/// upper case.
fn spelling(word: &str) -> String {
    let letter = |letter: char| match letter {
        'i' => r"[iI\u0131]".to_owned(),
        's' => r"[sS\u017f]".to_owned(),
        'a'..='z' => format!("[{letter}{}]", letter.to_ascii_uppercase()),
        other => other.to_string(),
    };
    let mut pattern = String::new();
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let pair = LIGATURES.iter().find(|(pair, _)| rest.starts_with(pair));
        if let Some((pair, ligatures)) = pair {
            let letters: String = pair.chars().map(letter).collect();
            pattern.extend(["(?:", &letters, "|", ligatures, ")"]);
            rest = rest.get(pair.len()..).unwrap_or_default();
        } else {
            pattern.push_str(&letter(first));
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    pattern
}

/// Pairs of letters that are the upper case of one.
const LIGATURES: [(&str, &str); 5] = [
    ("ff", r"\ufb00"),
    ("fi", r"\ufb01"),
    ("fl", r"\ufb02"),
    ("st", r"[\ufb05\ufb06]"),
    ("ss", r"\u00df"),
];

/// Removes the definitions that only other versions use.
pub fn keep_definitions_in_use(document: &mut Map<String, Value>) {
    let Some(Value::Object(definitions)) = document.remove("$defs") else {
        return;
    };
    let mut in_use = HashSet::new();
    let mut waiting: Vec<String> = Vec::new();
    references(&Value::Object(document.clone()), &mut waiting);
    while let Some(name) = waiting.pop() {
        if let Some(definition) = definitions.get(&name)
            && in_use.insert(name)
        {
            references(definition, &mut waiting);
        }
    }
    let kept: Map<String, Value> = definitions
        .into_iter()
        .filter(|(name, _)| in_use.contains(name))
        .collect();
    document.insert("$defs".to_owned(), Value::Object(kept));
}

fn references(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            names.extend(
                reference
                    .and_then(|reference| reference.strip_prefix(DEFINITIONS))
                    .map(str::to_owned),
            );
            members.values().for_each(|member| references(member, names));
        }
        Value::Array(elements) => elements.iter().for_each(|element| references(element, names)),
        _ => {}
    }
}
