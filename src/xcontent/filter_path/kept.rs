//! What is left of a document when it is filtered: one pass over its text, which writes what is kept.

use super::paths::{Paths, Step};
use crate::xcontent::json::{Lexeme, Lexemes};

/// What becomes of what paths lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// It alone is kept, without objects and lists that have nothing else in them.
    Include,
    /// It is left out, and with it what has nothing else in it. What was empty before may be kept.
    Exclude { keeps_empty: bool },
}

/// What is kept of a document on one line, if anything is.
pub(super) fn kept(document: &str, paths: Paths, mode: Mode) -> Option<String> {
    let mut filter = Filter {
        sets: paths.initial().to_vec(),
        paths,
        mode,
        levels: Vec::new(),
        member: None,
        kept: String::with_capacity(document.len()),
        is_root_kept: false,
    };
    let mut lexemes = Lexemes::of(document);
    while let Some(lexeme) = lexemes.next() {
        match lexeme {
            Lexeme::Name(name) => filter.member(name, &mut lexemes),
            Lexeme::BeginObject => filter.begin('{'),
            Lexeme::BeginList => filter.begin('['),
            Lexeme::EndObject => filter.end('}'),
            Lexeme::EndList => filter.end(']'),
            Lexeme::String(_) | Lexeme::Scalar(_) => filter.scalar(lexemes.text()),
        }
    }
    filter.is_root_kept.then_some(filter.kept)
}

/// Where a value is.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// How long the kept text was before the value, its name and its comma.
    before: usize,
    /// Where the set of segments starts that members of the value may fit.
    set: usize,
}

/// An object or list that is not at its end.
#[derive(Debug, Clone, Copy)]
struct Level {
    place: Place,
    /// Whether there is nothing in it.
    is_empty: bool,
    /// Whether nothing of it is kept so far.
    is_first: bool,
}

struct Filter {
    paths: Paths,
    mode: Mode,
    /// The sets of segments, from those of the root inwards.
    sets: Vec<u64>,
    levels: Vec<Level>,
    /// The place of the value that comes next, if it is a member's.
    member: Option<Place>,
    kept: String,
    is_root_kept: bool,
}

impl Filter {
    fn member(&mut self, name: &str, lexemes: &mut Lexemes<'_>) {
        let outer = self.entry();
        self.kept.extend(["\"", name, "\":"]);
        let set = self.sets.len();
        let step = self.paths.step(&mut self.sets, outer.set, &Lexemes::decode(name));
        let place = Place { set, ..outer };
        match step {
            Step::Inside => self.member = Some(place),
            Step::Whole => self.whole(place, self.mode == Mode::Include, lexemes.skip_value()),
            Step::Nowhere => self.whole(place, self.mode != Mode::Include, lexemes.skip_value()),
        }
    }

    /// Paths lead to the members of objects only, so that in a list of scalars none ends, and none leads on.
    fn scalar(&mut self, text: &str) {
        let place = self.value();
        self.whole(place, self.mode != Mode::Include, text);
    }

    fn begin(&mut self, bracket: char) {
        let place = self.value();
        self.kept.push(bracket);
        self.levels.push(Level {
            place,
            is_empty: true,
            is_first: true,
        });
    }

    fn end(&mut self, bracket: char) {
        let Some(level) = self.levels.pop() else { return };
        self.kept.push(bracket);
        let is_kept = !level.is_first || level.is_empty && self.mode == Mode::Exclude { keeps_empty: true };
        self.finish(level.place, is_kept);
    }

    /// The place of a value that comes now.
    fn value(&mut self) -> Place {
        match self.member.take() {
            Some(place) => place,
            None if self.levels.is_empty() => Place { before: 0, set: 0 },
            None => self.entry(),
        }
    }

    /// Begins a member or an element of the innermost level.
    fn entry(&mut self) -> Place {
        let before = self.kept.len();
        let Some(level) = self.levels.last_mut() else {
            return Place { before, set: 0 };
        };
        level.is_empty = false;
        if !level.is_first {
            self.kept.push(',');
        }
        let set = level.place.set;
        Place { before, set }
    }

    /// A value of which all is kept, or nothing.
    fn whole(&mut self, place: Place, is_kept: bool, text: &str) {
        if is_kept {
            self.kept.push_str(text);
        }
        self.finish(place, is_kept);
    }

    /// Ends a value, and takes back what was written of one that is not kept.
    fn finish(&mut self, place: Place, is_kept: bool) {
        if !is_kept {
            self.kept.truncate(place.before);
        }
        match self.levels.last_mut() {
            Some(level) => {
                level.is_first &= !is_kept;
                self.sets.truncate(level.place.set + self.paths.words());
            }
            None => self.is_root_kept = is_kept,
        }
    }
}
