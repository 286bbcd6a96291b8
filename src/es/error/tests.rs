//! The chains that create-job.md §2.1 gives as examples, and the envelope around them.

use super::*;

fn parse(reason: &str) -> Exception {
    Exception::new(Kind::XContentParse, reason)
}

/// The worked chain "unknown function" of create-job.md §2.1.
#[test]
fn root_cause_stops_at_the_innermost_parse_exception() {
    let error =
        parse("outer").caused_by(parse("inner").caused_by(Exception::new(Kind::IllegalArgument, "unknown function")));
    assert_eq!(error.root_cause().reason, "inner");
}

/// The worked chain "detector rule broken" of create-job.md §2.1.
#[test]
fn root_cause_is_the_status_exception_below_parse_exceptions() {
    let status = Exception::new(Kind::Status(StatusCode::BAD_REQUEST), "rule broken");
    let error = parse("outer").caused_by(parse("inner").caused_by(status));
    assert_eq!(error.root_cause().reason, "rule broken");
}

#[test]
fn root_cause_is_a_parse_exception_of_the_server_even_with_a_cause() {
    let number = Exception::new(Kind::NumberFormat, "1,5");
    let error = parse("outer").caused_by(Exception::new(Kind::Parse, "byte size").caused_by(number));
    assert_eq!(error.root_cause().reason, "byte size");
}

#[test]
fn the_envelope_nests_causes_and_keeps_them_out_of_root_cause() {
    let error = parse("outer").caused_by(Exception::new(Kind::IllegalArgument, "inner"));
    assert_eq!(
        error.to_body(Traces::Absent).to_string(),
        r#"{"error":{"root_cause":[{"type":"x_content_parse_exception","reason":"outer"}],"type":"x_content_parse_exception","reason":"outer","caused_by":{"type":"illegal_argument_exception","reason":"inner"}},"status":400}"#
    );
}

/// The order of members is that of every version's own envelope with `error_trace`.
#[test]
fn every_exception_has_a_trace_where_it_is_asked_for() {
    let error = parse("outer").caused_by(Exception::new(Kind::IllegalArgument, "inner"));
    let outer = r"x_content_parse_exception: outer\nCaused by: illegal_argument_exception: inner\n";
    let inner = r"illegal_argument_exception: inner\n";
    let expected = format!(
        concat!(
            r#"{{"error":{{"root_cause":[{{"type":"x_content_parse_exception","reason":"outer","stack_trace":"{outer}"}}],"#,
            r#""type":"x_content_parse_exception","reason":"outer","#,
            r#""caused_by":{{"type":"illegal_argument_exception","reason":"inner","stack_trace":"{inner}"}},"#,
            r#""stack_trace":"{outer}"}},"status":400}}"#
        ),
        outer = outer,
        inner = inner
    );
    assert_eq!(error.to_body(Traces::Shown).to_string(), expected);
}
