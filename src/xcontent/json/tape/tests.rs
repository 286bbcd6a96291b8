//! What is put on a tape is found in its document.

use super::*;

fn at(column: usize) -> Place {
    Place { line: None, column }
}

#[test]
fn tokens_become_a_document_with_their_places() {
    let mut tape = Tape::default();
    tape.begin_object(at(0)).expect("an object");
    tape.name(&"a\"b".into(), at(1)).expect("a name");
    tape.begin_list(at(3)).expect("a list");
    tape.number("10", at(4), at(6)).expect("a number");
    tape.string(&Text::Units(vec![0xD800, 0x78]), at(6)).expect("a string");
    tape.end(at(8));
    tape.end(at(9));
    let document = tape.finish(None, at(10));
    let root = document.root().expect("a root");
    assert_eq!(root.raw(), r#"{"a\"b":[10,"\ud800x"]}"#);
    let list = root.member("a\"b").expect("a member");
    let places: Vec<_> = list.elements().map(|element| document.place(element.start())).collect();
    assert_eq!(places, [at(4), at(6)]);
    assert_eq!(document.place_behind(list.elements().next().expect("a number")), at(6));
    assert_eq!(document.place(root.last_token().expect("an end")), at(9));
}

#[test]
fn a_name_comes_once_in_an_object() {
    let mut tape = Tape::default();
    tape.begin_object(at(0)).expect("an object");
    tape.name(&"a".into(), at(1)).expect("a name");
    tape.null(at(2)).expect("a null");
    assert_eq!(
        tape.name(&"a".into(), at(3)),
        Err(FaultKind::DuplicateName("a".to_owned()))
    );
}

#[test]
fn more_than_a_million_tokens_are_refused() {
    let mut tape = Tape::default();
    tape.begin_list(at(0)).expect("a list");
    for column in 1..MAX_TOKENS {
        tape.null(at(column)).expect("one of a million");
    }
    assert_eq!(tape.null(at(MAX_TOKENS)), Err(FaultKind::TooLong));
}
