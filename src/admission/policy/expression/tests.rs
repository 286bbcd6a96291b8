//! Expressions over documents: what they say, what is none, and what they may cost.

use super::super::measure::MOST_STEPS_OF_ONE;
use super::*;
use crate::xcontent::json::Document;

fn holds(expression: &str, document: &str) -> Result<bool, EvaluationError> {
    let document = Document::read(document.as_bytes());
    let expression = Expression::parse(expression).expect("an expression");
    let needs = Arc::new(Needs::of([&expression].into_iter()));
    expression.holds(&Surroundings::of(document.root().expect("a value"), &needs))
}

#[test]
fn a_document_is_asked() {
    let job = r#"{"a": {"list": [{"f": "count"}, {"f": "sum"}]}, "n": 2, "x": 1.5, "t": true, "z": null}"#;
    for (expression, expected) in [
        ("size(job.a.list) <= 2", true),
        ("size(job.a.list) > 2", false),
        ("job.a.list.all(d, d.f in ['count', 'sum'])", true),
        ("job.a.list.exists(d, d.f == 'mean')", false),
        ("has(job.a) && !has(job.b)", true),
        ("job.n == 2 && job.x > 1.0 && job.t && job.z == null", true),
        ("job.a.list.map(d, d.f).size() == 2", true),
        ("job.a.list[0].f.matches('^c.*t$')", true),
    ] {
        assert_eq!(holds(expression, job), Ok(expected), "{expression}");
    }
}

/// Where what an expression reads is the same, it says the same.
#[test]
fn a_change_of_what_is_not_read_leaves_an_expression_alone() {
    let before = r#"{"a":{"list":[{"f":"count"}],"o":{"x":1}},"text":"four","n":1}"#;
    for (expression, after, is_alike) in [
        ("job.n > 1", r#"{"a":{"list":[],"o":{}},"text":"five","n":1}"#, true),
        ("job.n > 1", r#"{"n":2}"#, false),
        ("job.n > 1", r#"{"n":"1"}"#, false),
        ("job.n > 1", "{}", false),
        ("has(job.b) && job.n > 1", r#"{"b":{},"n":1}"#, false),
        ("has(job.a)", r#"{"a":{"list":[]}}"#, true),
        ("size(job.a.list) > 1", r#"{"a":{"list":[{"f":"sum"}]}}"#, true),
        ("size(job.a.list) > 1", r#"{"a":{"list":[]}}"#, false),
        ("size(job.text) > 1", r#"{"text":"nine"}"#, true),
        (
            "job.a.list.all(d, d.f == 'sum')",
            r#"{"a":{"list":[{"f":"mean"}]}}"#,
            false,
        ),
        ("size(job) > 1", before, true),
        ("size(job) > 5", r#"{"n":1}"#, false),
    ] {
        let [before, after] = [before, after].map(|text| Document::read(text.as_bytes()));
        let [before, after] = [&before, &after].map(|document| document.root().expect("a value"));
        let parsed = Expression::parse(expression).expect("an expression");
        assert_eq!(
            parsed.reads_alike(before, after),
            is_alike,
            "{expression} {}",
            after.raw()
        );
    }
}

/// What an expression does not read need not be there for it; what it reads is all there.
#[test]
fn as_much_of_a_document_is_there_as_is_read() {
    let job = r#"{"a": {"list": [{"f": "count"}, {"f": "sum"}], "o": {"x": 1, "y": [1, 2]}}, "text": "four", "e": {}}"#;
    for (expression, expected) in [
        (
            "size(job.a.list) == 2 && job.a.o.size() == 2 && size(job.text) == 4",
            true,
        ),
        ("size(job.a.o) == 2 && job.a.o.x == 1", true),
        ("size(job.a.o.y) == 2 && job.a.o == {'x': 1, 'y': [1, 2]}", true),
        ("has(job.a.o.y) && !has(job.a.o.z) && has(job.e)", true),
        ("size(job) == 3 && size(job.e) == 0", true),
        ("'list' in job.a && job['a']['list'][1].f == 'sum'", true),
        ("job.exists(name, name == 'text') && job.a.o.y.all(n, n > 0)", true),
        ("[{'f': 'count'}, {'f': 'sum'}] == job.a.list", true),
        ("job.a.list.exists(job, job.f == 'sum')", true),
        ("size(job.a.list + [1]) == 3 && size([job.a.list]) == 1", true),
        ("(has(job.a) ? job.a : job.e).o.x == 1", true),
    ] {
        assert_eq!(holds(expression, job), Ok(expected), "{expression}");
    }
}

#[test]
fn what_is_no_answer_is_told() {
    assert!(matches!(holds("job.b == 1", "{}"), Err(EvaluationError::Failed { .. })));
    assert!(matches!(holds("size(job)", "{}"), Err(EvaluationError::NoBoolean(_))));
    assert!(matches!(
        holds("1 / size(job) == 1", "{}"),
        Err(EvaluationError::Failed { .. })
    ));
}

#[test]
fn what_is_no_expression_is_refused() {
    assert!(matches!(Expression::parse("job.a <"), Err(ExpressionError::Syntax(_))));
    assert_eq!(
        Expression::parse("jobs.a == 1").err(),
        Some(ExpressionError::Unknown("jobs".to_owned()))
    );
    let shadowed = "job.l.all(x, x > 0) && x > 0";
    assert_eq!(
        Expression::parse(shadowed).err(),
        Some(ExpressionError::Unknown("x".to_owned()))
    );
    assert_eq!(
        Expression::parse(&format!("job == '{}'", "x".repeat(MOST_BYTES))).err(),
        Some(ExpressionError::TooLong)
    );
}

#[test]
fn patterns_are_written_in_expressions_and_bounded() {
    let refused = |text: &str| Expression::parse(text).expect_err("no expression");
    assert_eq!(refused("job.a.matches(job.b)"), ExpressionError::UnwrittenPattern);
    assert_eq!(refused("matches(job.a, 'x' + 'y')"), ExpressionError::UnwrittenPattern);
    assert!(matches!(refused("job.a.matches('(')"), ExpressionError::Pattern(_)));
    assert!(matches!(
        refused("job.a.matches('(x{1000}){1000}')"),
        ExpressionError::Pattern(_)
    ));
}

#[test]
fn what_nests_deeply_is_refused_in_every_way_of_nesting() {
    let nests = [
        format!("{}true{}", "(".repeat(1000), ")".repeat(1000)),
        format!("job{} == 1", ".a".repeat(1500)),
        format!("1{} == 1", "+1".repeat(1500)),
        format!("{}1{} == 1", "[".repeat(1000), "]".repeat(1000)),
        format!("job{} == 1", "[0]".repeat(1000)),
        format!("{}1{} == 1", "{1:".repeat(1000), "}".repeat(1000)),
        format!("{}job{} == 1", "size(".repeat(600), ")".repeat(600)),
    ];
    for nest in nests {
        assert!(Expression::parse(&nest).is_err(), "{nest}");
    }
    // Of these the parser makes one or none.
    for folded in [
        format!("{}true", "!".repeat(4000)),
        format!("{}1 == 1", "-".repeat(4000)),
    ] {
        assert!(Expression::parse(&folded).is_ok(), "{folded}");
    }
    assert!(Expression::parse(&format!("{} == 1", vec!["job.a"; 20].join(" + "))).is_ok());
}

/// How many steps an expression may take over a document.
fn steps(expression: &str, document: &str) -> u64 {
    let document = Document::read(document.as_bytes());
    let measure = Measure::of(document.root().expect("a value"));
    Expression::parse(expression).expect("an expression").steps(&measure)
}

#[test]
fn what_could_take_too_long_is_known_beforehand() {
    let list = |length: usize| format!("{{\"l\": [{}]}}", vec!["1"; length].join(","));
    let nested = "job.l.all(a, job.l.all(b, job.l.all(c, a + b + c >= 0)))";
    assert!(steps(nested, &list(3)) < MOST_STEPS_OF_ONE);
    assert!(steps(nested, &list(100)) > MOST_STEPS_OF_ONE);
    assert!(steps("job.l.all(a, a == 1)", &list(300)) < MOST_STEPS_OF_ONE);
    let sensible = "size(job.l) <= 20 && job.l.exists(x, x > 3) && !has(job.custom_settings)";
    assert!(steps(sensible, &list(20)) < MOST_STEPS_OF_ONE / 100);
}

/// An element is not taken to be as large as the list that it is in.
#[test]
fn a_loop_over_a_list_costs_in_proportion_to_it() {
    let detector = r#"{"function": "mean", "field_name": "responsetime", "by_field_name": "airline"}"#;
    let job = |detectors| format!("{{\"detectors\": [{}]}}", vec![detector; detectors].join(","));
    let rule = "job.detectors.all(d, d.function in ['count', 'mean'] && has(d.by_field_name))";
    let (fifty, five_hundred) = (steps(rule, &job(50)), steps(rule, &job(500)));
    assert!(five_hundred <= 10 * fifty, "{fifty} {five_hundred}");
    assert!(five_hundred < MOST_STEPS_OF_ONE / 10, "{five_hundred}");
}

/// A text, or a list, that is twice as long at every level of a nest has no end, though each loop has one round.
#[test]
fn what_doubles_at_every_level_is_known_beforehand() {
    let doubling = |levels: usize| {
        let opened: Vec<_> = (0..levels)
            .map(|level| format!("[v{level}+v{level}].map(v{}, ", level + 1))
            .collect();
        let opened = opened.concat();
        format!(
            "[job.t].map(v0, {opened}v{levels}{}.size() == 1",
            ")".repeat(levels + 1)
        )
    };
    assert!(steps(&doubling(3), r#"{"t": "x"}"#) < MOST_STEPS_OF_ONE);
    for document in [r#"{"t": "x"}"#, r#"{"t": [1]}"#] {
        assert!(steps(&doubling(14), document) > MOST_STEPS_OF_ONE);
    }
    let long = format!(
        "({}).all(a, ({}).all(b, true))",
        vec!["job.l"; 30].join("+"),
        vec!["job.l"; 30].join("+")
    );
    assert!(steps(&long, r#"{"l": [1,2,3,4,5,6,7,8,9,10]}"#) > 300 * 300);
}
