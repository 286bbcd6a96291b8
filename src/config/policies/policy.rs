//! One policy, from what is written to what it means.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::fields::Fields;
use super::job_members::{Known, Members, no_member};
use super::{default_values, format, job_members, schema, value};
use crate::admission::policy::expression::{Expression, Step, ValueKind};
use crate::admission::policy::matching::{Exemption, Pattern, Scope};
use crate::admission::policy::{Day, Enforcement, OnError, OnUpdate, Policy, Revision};
use crate::config::document::{Content, Node};
use crate::config::problem::Problem;
use crate::config::source::Place;
use crate::config::suggestion::suggestion;

/// What `on_error` can be.
pub(super) const ON_ERRORS: [(&str, OnError); 2] = [("refuse", OnError::Refuse), ("admit", OnError::Admit)];

/// What `on_update` can be.
pub(super) const ON_UPDATES: [(&str, OnUpdate); 2] = [("new", OnUpdate::New), ("all", OnUpdate::All)];

/// Reads a policy about documents with these members, and where its name stands.
pub(super) fn read(
    node: &Arc<Node>,
    members: Option<&Members>,
    problems: &mut Vec<Problem>,
) -> Option<(Policy, Place)> {
    let mut fields = Fields::of(node, &format::POLICY, problems)?;
    let name = fields.required("name", problems);
    let place = name.as_ref().map_or(&node.place, |name| &name.place).clone();
    let name = name.and_then(|name| super::fields::text(&name, "name", problems));
    let description = fields.text("description", problems);
    let scope = fields
        .take("match")
        .and_then(|scope| read_scope(&scope, problems))
        .unwrap_or_default();
    let enforcement = fields.required("enforcement", problems);
    let enforcement = enforcement.and_then(|node| one_of(&node, "enforcement", &Enforcement::NAMES, problems));
    let enforce_after = fields.take("enforce_after");
    if let (Some(after), Some(other)) = (&enforce_after, enforcement.filter(|is| *is != Enforcement::Enforce)) {
        let message = "`enforce_after` is for policies that are enforced";
        let help = format!("this one has `enforcement: {}`", other.name());
        problems.push(Problem::new(&after.place, message).help(Some(help)));
    }
    let enforce_after = enforce_after.and_then(|node| day(&node, "enforce_after", problems));
    let defaults = fields
        .take("defaults")
        .map(|node| {
            // What is filled in is a part of the body.
            if let Some(members) = members.and_then(|_| job_members::of_a_request()) {
                check_defaults(&node, members, &mut Vec::new(), problems);
            }
            mapping(&node, "defaults", problems)
        })
        .unwrap_or_default();
    let schema_node = fields.take("schema");
    let rule_node = fields.take("rule");
    if defaults.is_empty() && schema_node.is_none() && rule_node.is_none() {
        let message = "a policy has `defaults`, a `schema` or a `rule`, and this one has none of them";
        problems.push(Problem::new(&place, message));
    }
    let schema = schema_node.and_then(|node| schema::read(&node, members, problems));
    let rule = rule_node.and_then(|node| {
        let text = super::fields::text(&node, "rule", problems)?;
        let rule = Expression::parse(&text)
            .map_err(|error| problems.push(Problem::new(&node.place, format!("`rule`: {error}"))))
            .ok()?;
        check_rule(&rule, members, &node.place, problems);
        Some(rule)
    });
    let message = fields.text("message", problems);
    let link = fields.one("link", problems, link);
    let on_error = fields.take("on_error");
    let on_error = on_error.and_then(|node| one_of(&node, "on_error", &ON_ERRORS, problems));
    let on_update = fields.take("on_update");
    let on_update = on_update.and_then(|node| one_of(&node, "on_update", &ON_UPDATES, problems));
    let exemptions = fields.list("exceptions");
    let exemptions = exemptions
        .iter()
        .filter_map(|node| read_exemption(node, problems))
        .collect();
    fields.finish(problems);
    let policy = Policy {
        name: name?,
        description,
        scope,
        exemptions,
        enforcement: enforcement?,
        enforce_after,
        defaults,
        schema,
        rule,
        message,
        link,
        on_error: on_error.unwrap_or(OnError::Refuse),
        on_update: on_update.unwrap_or_default(),
        // The layout and the comments of a file are no part of a policy.
        wording: Revision::of([value::json(node, &mut Vec::new()).to_string().as_str()]),
    };
    Some((policy, place))
}

/// Tells what no job has that a rule asks for, and that a rule is neither true nor false.
fn check_rule(rule: &Expression, members: Option<&Members>, place: &Place, problems: &mut Vec<Problem>) {
    let at = |path: &[Step]| members.map_or(Known::Anything, |members| members.at(path));
    let mut told = Vec::new();
    for path in rule.members() {
        if let Known::Missing { name, known } = at(&path)
            && !told.contains(&name)
        {
            problems.push(no_member(place, "rule", &name, &known));
            told.push(name);
        }
    }
    let is_boolean = match rule.value_kind() {
        ValueKind::Boolean => true,
        ValueKind::Other => false,
        ValueKind::Unknown => match rule.member().as_deref().map(at) {
            Some(Known::Part(part)) => part.can_be_boolean(),
            _ => true,
        },
    };
    if !is_boolean {
        let message = "`rule`: it is neither true nor false, whatever the job is like";
        let help = Some("compare it with something, as in `size(job.analysis_config.detectors) <= 20`");
        problems.push(Problem::new(place, message).help(help));
    }
}

/// Tells what no job has that is to be filled in, and values that the API does not take.
fn check_defaults(node: &Arc<Node>, members: &Members, path: &mut Vec<Step>, problems: &mut Vec<Problem>) {
    let Content::Mapping(entries) = &node.content else {
        return;
    };
    for (key, value) in entries {
        let Some(name) = super::fields::name(key) else { continue };
        path.push(Step::Member(name.to_owned()));
        match members.at(path) {
            Known::Missing { name, known } => problems.push(no_member(&key.place, "defaults", &name, &known)),
            Known::Part(_) if matches!(&value.content, Content::Mapping(entries) if !entries.is_empty()) => {
                check_defaults(value, members, path, problems);
            }
            Known::Part(part) => check_default(value, part, path, problems),
            Known::Anything => {}
        }
        path.pop();
    }
}

/// Tells that the API does not take a value.
fn check_default(node: &Arc<Node>, part: &Members, path: &[Step], problems: &mut Vec<Problem>) {
    let names = path.iter().filter_map(|step| match step {
        Step::Member(name) => Some(name.as_str()),
        Step::Element => None,
    });
    let names: Vec<&str> = names.collect();
    // What cannot be read is told where the whole is.
    let value = value::json(node, &mut Vec::new());
    let Some(fault) = default_values::fault(&names, &value) else {
        return;
    };
    let message = format!(
        "`defaults`: the API takes no such value for `{}`: {fault}",
        names.join(".")
    );
    let meant = value.as_str().and_then(|text| part.meant_by(text));
    let help = meant.map(|meant| format!("did you mean `{meant}`?"));
    problems.push(Problem::new(&node.place, message).label(node.found()).help(help));
}

fn read_scope(node: &Arc<Node>, problems: &mut Vec<Problem>) -> Option<Scope> {
    let mut fields = Fields::of(node, &format::MATCH, problems)?;
    let scope = take_scope(&mut fields, problems);
    fields.finish(problems);
    Some(scope)
}

fn take_scope(fields: &mut Fields<'_>, problems: &mut Vec<Problem>) -> Scope {
    for name in ["job_id", "groups", "users"] {
        if let Some(node) = fields.take(name)
            && matches!(&node.content, Content::List(items) if items.is_empty())
        {
            let message = format!("`{name}`: the list is empty, so that nothing would be left out by it");
            let help = Some("name what is meant, or leave the key out for all");
            problems.push(Problem::new(&node.place, message).help(help));
        }
    }
    Scope {
        ids: fields.parsed("job_id", problems, Pattern::parse),
        groups: fields.parsed("groups", problems, |text| {
            Ok::<_, std::convert::Infallible>(text.to_owned())
        }),
        users: fields.parsed("users", problems, Pattern::parse),
    }
}

fn read_exemption(node: &Arc<Node>, problems: &mut Vec<Problem>) -> Option<Exemption> {
    let mut fields = Fields::of(node, &format::EXCEPTION, problems)?;
    let scope = take_scope(&mut fields, problems);
    let required = |fields: &mut Fields<'_>, name, problems: &mut Vec<Problem>| {
        let node = fields.required(name, problems)?;
        super::fields::text(&node, name, problems)
    };
    let owner = required(&mut fields, "owner", problems);
    let reason = required(&mut fields, "reason", problems);
    let expires = fields.take("expires").and_then(|node| day(&node, "expires", problems));
    fields.finish(problems);
    if scope.ids.is_empty() && scope.groups.is_empty() && scope.users.is_empty() {
        let message = "an exception names `job_id`, `groups` or `users`; this one is of every job";
        let help = Some("to switch the policy off, write `enforcement: off`");
        problems.push(Problem::new(&node.place, message).help(help));
    }
    Some(Exemption {
        scope,
        owner: owner?,
        reason: reason?,
        expires,
    })
}

/// A word of a list. YAML 1.2 takes `off` for a text, so that it needs no quotes.
fn one_of<T: Copy>(node: &Node, name: &str, known: &[(&str, T)], problems: &mut Vec<Problem>) -> Option<T> {
    let text = super::fields::text(node, name, problems)?;
    let found = known.iter().find(|(known, _)| *known == text).map(|(_, value)| *value);
    if found.is_none() {
        let words: Vec<_> = known.iter().map(|(known, _)| format!("`{known}`")).collect();
        let message = format!("`{name}`: expected one of {}", words.join(", "));
        let meant = suggestion(&text, known.iter().map(|(known, _)| *known));
        let meant = meant.map(|meant| format!("did you mean `{meant}`?"));
        problems.push(Problem::new(&node.place, message).help(meant));
    }
    found
}

/// A day, which YAML takes for a text.
fn day(node: &Node, name: &str, problems: &mut Vec<Problem>) -> Option<Day> {
    let text = super::fields::text(node, name, problems)?;
    Day::parse(&text)
        .map_err(|error| problems.push(Problem::new(&node.place, format!("`{name}`: {error}"))))
        .ok()
}

fn link(text: &str) -> Result<String, &'static str> {
    let is_link = ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_link && is_plain {
        Ok(text.to_owned())
    } else {
        Err("expected a URL that begins with `https://` or `http://`")
    }
}

fn mapping(node: &Arc<Node>, name: &str, problems: &mut Vec<Problem>) -> Map<String, Value> {
    if !matches!(node.content, Content::Mapping(_)) {
        let found = node.found();
        problems.push(Problem::new(&node.place, format!("`{name}`: expected a mapping, found {found}")).label(found));
        return Map::new();
    }
    match value::json(node, problems) {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
