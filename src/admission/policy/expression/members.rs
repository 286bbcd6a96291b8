//! Which members of the document an expression names, and whether its value can be true or false: what can be known of it
//! before there is a document.

use cel::common::ast::{ComprehensionExpr, Expr, IdedExpr, LiteralValue, operators};

use super::tree::children;
use super::{DOCUMENT, MATCHES};

/// A step on the way to a part of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// To the member of this name.
    Member(String),
    /// To an element of a list.
    Element,
}

/// What the value of an expression is, as far as the expression alone tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// True or false.
    Boolean,
    /// Never true or false.
    Other,
    /// Whatever the document has there.
    Unknown,
}

/// The operators and functions whose value is true or false.
const BOOLEAN: [&str; 16] = [
    operators::EQUALS,
    operators::NOT_EQUALS,
    operators::GREATER,
    operators::GREATER_EQUALS,
    operators::LESS,
    operators::LESS_EQUALS,
    operators::IN,
    operators::LOGICAL_AND,
    operators::LOGICAL_NOT,
    operators::LOGICAL_OR,
    operators::NOT_STRICTLY_FALSE,
    MATCHES,
    "bool",
    "contains",
    "endsWith",
    "startsWith",
];

/// Those whose value never is.
const OTHERS: [&str; 13] = [
    operators::ADD,
    operators::SUBSTRACT,
    operators::MULTIPLY,
    operators::DIVIDE,
    operators::MODULO,
    operators::NEGATE,
    "bytes",
    "double",
    "duration",
    "int",
    "size",
    "string",
    "uint",
];

/// The variables of loops, each with the part of the document that it stands for.
type Variables<'e> = Vec<(&'e str, Option<Vec<Step>>)>;

/// The parts of the document that are named, as far as they can be reached by names.
pub(super) fn members(expression: &IdedExpr) -> Vec<Vec<Step>> {
    let mut found = Vec::new();
    collect(expression, &mut Variables::new(), &mut found);
    found
}

fn collect<'e>(expression: &'e IdedExpr, variables: &mut Variables<'e>, found: &mut Vec<Vec<Step>>) {
    if let Expr::Comprehension(inner) = &expression.expr {
        return collect_of_loop(inner, variables, found);
    }
    if let Some(path) = path(expression, variables) {
        found.push(path);
    }
    for part in children(expression) {
        collect(part, variables, found);
    }
}

fn collect_of_loop<'e>(inner: &'e ComprehensionExpr, variables: &mut Variables<'e>, found: &mut Vec<Vec<Step>>) {
    collect(&inner.iter_range, variables, found);
    collect(&inner.accu_init, variables, found);
    let mut element = path(&inner.iter_range, variables);
    if let Some(element) = &mut element {
        element.push(Step::Element);
    }
    let before = variables.len();
    variables.push((&inner.iter_var, element));
    variables.extend(inner.iter_var2.as_deref().map(|variable| (variable, None)));
    variables.push((&inner.accu_var, None));
    for part in [&inner.loop_cond, &inner.loop_step, &inner.result] {
        collect(part, variables, found);
    }
    variables.truncate(before);
}

/// The part of the document that an expression is, if it is one.
pub(super) fn path_of(expression: &IdedExpr) -> Option<Vec<Step>> {
    path(expression, &Variables::new())
}

fn path(expression: &IdedExpr, variables: &Variables<'_>) -> Option<Vec<Step>> {
    match &expression.expr {
        Expr::Ident(name) => match variables.iter().rev().find(|(variable, _)| variable == name) {
            Some((_, part)) => part.clone(),
            None => (name == DOCUMENT).then(Vec::new),
        },
        Expr::Select(select) => {
            let mut path = path(&select.operand, variables)?;
            path.push(Step::Member(select.field.clone()));
            Some(path)
        }
        Expr::Call(call) if call.func_name == operators::INDEX => {
            let [whole, index] = call.args.as_slice() else {
                return None;
            };
            let mut path = path(whole, variables)?;
            path.push(match &index.expr {
                Expr::Literal(LiteralValue::String(name)) => Step::Member(name.inner().to_owned()),
                _ => Step::Element,
            });
            Some(path)
        }
        _ => None,
    }
}

/// What the value of an expression is.
pub(super) fn kind(expression: &IdedExpr) -> ValueKind {
    kind_within(expression, None)
}

/// The same within a loop, where the value so far has a name.
fn kind_within(expression: &IdedExpr, so_far: Option<(&str, ValueKind)>) -> ValueKind {
    let of = |part: &IdedExpr| kind_within(part, so_far);
    match &expression.expr {
        Expr::Literal(LiteralValue::Boolean(_)) => ValueKind::Boolean,
        Expr::Literal(_) | Expr::List(_) | Expr::Map(_) | Expr::Struct(_) => ValueKind::Other,
        Expr::Select(select) if select.test => ValueKind::Boolean,
        Expr::Ident(name) => match so_far {
            Some((known, kind)) if known == name => kind,
            _ => ValueKind::Unknown,
        },
        Expr::Comprehension(inner) => {
            let first = of(&inner.accu_init);
            kind_within(&inner.result, Some((&inner.accu_var, first)))
        }
        Expr::Call(call) if call.func_name == operators::CONDITIONAL => {
            let kinds: Vec<_> = call.args.iter().skip(1).map(of).collect();
            match kinds.as_slice() {
                [one, other] if one == other => *one,
                kinds if kinds.contains(&ValueKind::Other) => ValueKind::Other,
                _ => ValueKind::Unknown,
            }
        }
        Expr::Call(call) if BOOLEAN.contains(&call.func_name.as_str()) => ValueKind::Boolean,
        Expr::Call(call) if OTHERS.contains(&call.func_name.as_str()) => ValueKind::Other,
        Expr::Call(_) | Expr::Select(_) | Expr::Unspecified => ValueKind::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Expression;
    use super::*;

    fn named(text: &str) -> Vec<String> {
        let expression = Expression::parse(text).expect(text);
        let shown = |path: Vec<Step>| {
            let steps = path.into_iter().map(|step| match step {
                Step::Member(name) => format!(".{name}"),
                Step::Element => "[]".to_owned(),
            });
            steps.collect::<String>()
        };
        let mut named: Vec<String> = expression.members().into_iter().map(shown).collect();
        named.sort();
        named.dedup();
        named.retain(|name| !name.is_empty());
        named
    }

    #[test]
    fn members_are_followed_into_lists_and_loops() {
        assert_eq!(named("job.description == 'x'"), [".description"]);
        assert_eq!(
            named("has(job.custom_settings.owner)"),
            [".custom_settings", ".custom_settings.owner"]
        );
        assert_eq!(
            named("job.analysis_config.detectors.exists(d, d.function == 'sum' && job.groups.size() > 1)"),
            [
                ".analysis_config",
                ".analysis_config.detectors",
                ".analysis_config.detectors[]",
                ".analysis_config.detectors[].function",
                ".groups"
            ]
        );
        assert_eq!(
            named("job['description'] == 'x' && job.groups[0] == 'a'"),
            [".description", ".groups", ".groups[]"]
        );
        assert_eq!(named("[1, 2].all(x, x > 0)"), [""; 0]);
    }

    #[test]
    fn what_can_be_true_or_false_is_told_from_what_cannot() {
        for (text, expected) in [
            ("true", ValueKind::Boolean),
            ("job.a == 1 || !has(job.b)", ValueKind::Boolean),
            ("job.groups.exists(g, g.startsWith('a'))", ValueKind::Boolean),
            ("job.groups.exists_one(g, g == 'a')", ValueKind::Boolean),
            ("job.groups.all(g, g.matches('a+'))", ValueKind::Boolean),
            ("'a' in job.groups", ValueKind::Boolean),
            ("has(job.a) ? job.a == 1 : true", ValueKind::Boolean),
            ("job.detectors.size() + 1", ValueKind::Other),
            ("size(job.groups)", ValueKind::Other),
            ("'yes'", ValueKind::Other),
            ("job.groups.filter(g, g == 'a')", ValueKind::Other),
            ("job.groups.map(g, g)", ValueKind::Other),
            ("has(job.a) ? job.a == 1 : 'no'", ValueKind::Other),
            ("job.allow_lazy_open", ValueKind::Unknown),
        ] {
            assert_eq!(Expression::parse(text).expect(text).value_kind(), expected, "{text}");
        }
    }
}
