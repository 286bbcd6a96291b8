//! What passes of a body in chunks, however it is cut.

use proptest::prelude::*;

use super::*;

/// What is left of a body that comes in these pieces, how many bytes were taken, and how much of it was content.
fn follow<'p>(
    pieces: impl IntoIterator<Item = &'p [u8]>,
    trailers: Trailers,
) -> Result<(Vec<u8>, usize, usize), String> {
    let mut chunks = Chunked::new(trailers);
    let (mut left, mut taken, mut content) = (Vec::new(), 0, 0);
    for piece in pieces {
        let mut piece = piece.to_vec();
        let followed = chunks.follow(&mut piece).map_err(|malformed| malformed.to_string())?;
        assert!(followed.content <= followed.passed && followed.passed <= followed.taken);
        assert!(followed.taken == piece.len() || chunks.has_ended());
        left.extend_from_slice(piece.get(..followed.passed).unwrap_or_default());
        taken += followed.taken;
        content += followed.content;
    }
    chunks
        .has_ended()
        .then_some((left, taken, content))
        .ok_or_else(|| "it has not ended".to_owned())
}

/// The same, and that no cut changes it.
fn passed(body: &str, trailers: Trailers) -> Option<(String, usize, usize)> {
    let whole = follow([body.as_bytes()], trailers);
    for size in 1..body.len().min(24) {
        assert_eq!(
            follow(body.as_bytes().chunks(size), trailers),
            whole,
            "{body:?} in pieces of {size}"
        );
    }
    for place in 0..=body.len() {
        let (one, other) = body.as_bytes().split_at(place);
        assert_eq!(follow([one, other], trailers), whole, "{body:?} cut at {place}");
    }
    let (left, taken, content) = whole.ok()?;
    Some((String::from_utf8(left).expect("it was text"), taken, content))
}

#[test]
fn plain_chunks_pass_with_their_own_framing() {
    for (body, content) in [
        ("0\r\n\r\n", 0),
        ("2\r\n{}\r\n0\r\n\r\n", 2),
        ("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", 20),
        ("1\r\n\n\r\n1\r\n\r\r\n0\r\n\r\n", 2),
        ("05\r\n12345\r\n0\r\n\r\n", 5),
        ("10\r\n0123456789abcdef\r\n0\r\n\r\n", 16),
    ] {
        for trailers in [Trailers::Pass, Trailers::Drop] {
            assert_eq!(
                passed(body, trailers),
                Some((body.to_owned(), body.len(), content)),
                "{body:?}"
            );
            let more = format!("{body}GET / HTTP/1.1\r\n");
            assert_eq!(
                passed(&more, trailers),
                Some((body.to_owned(), body.len(), content)),
                "{more:?}"
            );
        }
    }
}

#[test]
fn what_some_read_otherwise_is_cut_out() {
    for (body, left) in [
        ("2;a=b\r\n{}\r\n0;c\r\n\r\n", "2\r\n{}\r\n0\r\n\r\n"),
        ("2 \t\r\n{}\r\n0 ;x\r\n\r\n", "2\r\n{}\r\n0\r\n\r\n"),
        (
            "0000000000000000000000002\r\n{}\r\n000\r\n\r\n",
            "02\r\n{}\r\n0\r\n\r\n",
        ),
        ("2;<a> GET / HTTP/1.1\r\n{}\r\n0\r\n\r\n", "2\r\n{}\r\n0\r\n\r\n"),
    ] {
        let taken = body.len();
        assert_eq!(
            passed(body, Trailers::Drop),
            Some((left.to_owned(), taken, 2)),
            "{body:?}"
        );
        assert_eq!(
            passed(body, Trailers::Pass),
            Some((left.to_owned(), taken, 2)),
            "{body:?}"
        );
    }
}

#[test]
fn trailers_pass_or_are_dropped() {
    let body = "2\r\n{}\r\n0\r\nX: y\r\nContent-Length: 5\r\n\r\n";
    let left = |trailers| passed(body, trailers).map(|(left, ..)| left);
    assert_eq!(left(Trailers::Pass).as_deref(), Some(body));
    assert_eq!(left(Trailers::Drop).as_deref(), Some("2\r\n{}\r\n0\r\n\r\n"));
    // hyper takes this, and whoever reads the answer may not.
    let lone = "0\r\nX: y\n\r\n\r\n";
    assert_eq!(passed(lone, Trailers::Pass), None);
    assert_eq!(
        passed(lone, Trailers::Drop).map(|(left, ..)| left).as_deref(),
        Some("0\r\n\r\n")
    );
}

#[test]
fn what_hyper_refuses_is_refused() {
    for body in [
        "",
        "\r\n",
        ";a\r\n",
        "x\r\n",
        " 2\r\n{}\r\n",
        "+2\r\n{}\r\n",
        "-2\r\n{}\r\n",
        "0x2\r\n{}\r\n",
        "2_\r\n{}\r\n",
        "2 2\r\n{}\r\n",
        "2\n{}\r\n",
        "2\r{}\r\n",
        "2\r\r\n{}\r\n",
        "2\0\r\n{}\r\n",
        "2\r\n{}0\r\n\r\n",
        "2\r\n{}\n0\r\n\r\n",
        "2\r\n{}\r0\r\n\r\n",
        "1\r\n{}\r\n0\r\n\r\n",
        "2;\nx\r\n{}\r\n",
        "2;a\rb\r\n{}\r\n",
        "10000000000000000\r\n",
        "80000000\r\n",
        "0\r\n\r",
        "0\r\n\n",
        "0\r\nX: y\r\n z\r\n\r\n",
        "0\r\nX: y\0\r\n\r\n",
        "0\r\nno field\r\n\r\n",
        "0\r\nX: y\n\n",
    ] {
        assert_eq!(passed(body, Trailers::Drop), None, "{body:?}");
    }
    let long = |length| format!("2;{}\r\n{{}}\r\n0\r\n\r\n", "a".repeat(length));
    assert!(follow([long(MAX_EXTENSIONS as usize - 1).as_bytes()], Trailers::Drop).is_ok());
    assert!(follow([long(MAX_EXTENSIONS as usize).as_bytes()], Trailers::Drop).is_err());
    let long = |length| format!("0\r\nX: {}\r\n\r\n", "a".repeat(length));
    assert!(follow([long(MAX_TRAILERS - 100).as_bytes()], Trailers::Drop).is_ok());
    assert!(follow([long(MAX_TRAILERS).as_bytes()], Trailers::Drop).is_err());
}

proptest! {
    #[test]
    fn whatever_is_in_them_chunks_pass(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..6), cut in 1_usize..50) {
        let mut body = Vec::new();
        for chunk in &chunks {
            body.extend(format!("{:x}\r\n", chunk.len()).bytes());
            body.extend_from_slice(chunk);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"0\r\n\r\n");
        let length = chunks.iter().map(Vec::len).sum();
        let expected = Ok((body.clone(), body.len(), length));
        prop_assert_eq!(follow(body.chunks(cut), Trailers::Drop), expected);
    }

    /// What is left of anything is what is left of itself.
    #[test]
    fn what_is_left_is_left_again(body in "([0-9a-f]{1,2}[ ;x]{0,2}\r?\n|[{}x]{0,3}|\r\n|0\r\n){1,8}\r\n") {
        if let Ok((left, ..)) = follow([body.as_bytes()], Trailers::Drop) {
            let again = follow([left.as_slice()], Trailers::Drop).map(|(again, ..)| again);
            prop_assert_eq!(again, Ok(left));
        }
    }
}
