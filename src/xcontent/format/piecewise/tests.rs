//! Documents and long strings in pieces are what they are as a whole.

use proptest::prelude::*;

use super::*;

const FORMATS: [Format; 4] = [Format::Json, Format::Yaml, Format::Cbor, Format::Smile];

fn pieces(text: &str, format: Format, api: Version) -> Vec<Vec<u8>> {
    let mut document = Piecewise::new(text.to_owned(), format, api, u64::MAX).expect("no limit");
    let length = document.length();
    let mut pieces = Vec::new();
    loop {
        let piece = document.next_piece();
        if piece.is_empty() {
            break;
        }
        pieces.push(piece);
    }
    assert_eq!(pieces.iter().map(|piece| piece.len() as u64).sum::<u64>(), length);
    pieces
}

#[test]
fn a_long_document_comes_in_pieces_and_is_as_long_as_it_said() {
    let list = vec!["[1,\"x\"]"; 200_000].join(",");
    let text = format!("{{\"a\":[{list}]}}");
    for format in FORMATS {
        let pieces = pieces(&text, format, Version::new(9, 5, 3));
        assert!(pieces.len() > 2, "{format:?}: {}", pieces.len());
        assert!(pieces.iter().all(|piece| piece.len() < 2 * PIECE));
        assert_eq!(pieces.concat(), format.write(text.clone(), true, Version::new(9, 5, 3)));
    }
}

#[test]
fn what_would_become_too_long_is_given_back() {
    let given_back = Piecewise::new("[1,2]".to_owned(), Format::Yaml, Version::BASE, 3);
    assert_eq!(given_back.expect_err("it is longer"), "[1,2]");
}

/// A string of so many parts, of which the first is cut in several places, is written as it would be as a whole: here
/// in formats where no other lexeme takes part in it.
fn assert_parts_are_one(string: &str) {
    let mut lengths = Vec::new();
    let mut rest = string;
    while !rest.is_empty() {
        let length = part_length(rest);
        assert!(length > 0);
        lengths.push(length);
        rest = &rest[length..];
    }
    if lengths.len() < 2 {
        return; // It is written as a whole: it has halves of characters only.
    }
    for api in [Version::BASE, Version::new(7, 8, 1), Version::new(9, 5, 3)] {
        for format in FORMATS {
            let mut whole = Vec::new();
            let mut writer = Kind::of(format, api);
            writer.writer().lexeme(Lexeme::String(string), &mut whole);
            let mut parts = Vec::new();
            let mut writer = Kind::of(format, api);
            let mut start = 0;
            for (number, length) in lengths.iter().enumerate() {
                let place = match number {
                    0 => Place::First,
                    _ if number + 1 == lengths.len() => Place::Last,
                    _ => Place::Middle,
                };
                writer.writer().part(&string[start..start + length], place, &mut parts);
                start += length;
            }
            assert!(whole == parts, "{format:?} {api} of a string of {}", string.len());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_long_string_is_written_in_parts_as_it_is_as_a_whole(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "a", " ", "  ", "é", "日", "\\n", "\\\\", "\\\"", "\\u0001", "\\uD83D\\uDE00", "\\uD83D", "\\uDE00", "\u{85}",
                "long words without a blank", "\\uD800A",
            ]),
            1..40,
        ),
        shift in 0_usize..40,
    ) {
        let unit = words.concat();
        let string = "x".repeat(shift) + &unit.repeat(3 * LONGEST_PART / unit.len() + 1);
        assert_parts_are_one(&string);
    }
}
