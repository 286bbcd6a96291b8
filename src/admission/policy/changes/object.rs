//! An object that was sent, whose members are looked up in the order of the stored one: mostly their own order, so that a
//! step to the next member finds the next name. Where it does not, the names are sorted once, by their hashes.

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};

use crate::xcontent::json::{Members, Node};

/// An object, and which of its members have been found.
pub(super) struct Object<'a> {
    all: Members<'a>,
    /// The members after the one that was found last.
    next: Members<'a>,
    /// The place of the next of them among all.
    place: usize,
    /// None as long as the members have been found one after the other.
    index: Option<Index<'a>>,
}

/// The names of an object's members, to be looked up in any order.
struct Index<'a> {
    hasher: RandomState,
    names: Vec<Name>,
    /// A bit for each member that has been found.
    found: Vec<u64>,
    all: Members<'a>,
}

/// A member's name.
#[derive(Clone, Copy)]
struct Name {
    hash: u32,
    place: u32,
    /// Where the member stands.
    at: u32,
}

impl<'a> Object<'a> {
    pub(super) fn of(object: Node<'a>) -> Self {
        Self {
            all: object.members(),
            next: object.members(),
            place: 0,
            index: None,
        }
    }

    /// The value of the member of this name, which has then been found.
    pub(super) fn take(&mut self, name: &str) -> Option<Node<'a>> {
        let mut next = self.next.clone();
        if let Some(member) = next.next()
            && member.name == name
        {
            if let Some(index) = &mut self.index {
                index.mark(self.place);
            }
            self.next = next;
            self.place += 1;
            return Some(member.value);
        }
        let index = self.index.get_or_insert_with(|| Index::of(&self.all, self.place));
        let (place, mut members) = index.find(name)?;
        index.mark(place);
        let value = members.next().map(|member| member.value);
        self.next = members;
        self.place = place + 1;
        value
    }

    /// The names of the members that have not been found, in their order.
    pub(super) fn rest(self) -> impl Iterator<Item = Cow<'a, str>> {
        let members = match &self.index {
            None => self.next,
            Some(_) => self.all,
        };
        let index = self.index;
        let is_left = move |place: usize| index.as_ref().is_none_or(|index| !index.is_found(place));
        let numbered = members.enumerate();
        numbered.filter_map(move |(place, member)| is_left(place).then_some(member.name))
    }
}

impl<'a> Index<'a> {
    /// The names of some members, of which so many have been found.
    fn of(all: &Members<'a>, found: usize) -> Self {
        let hasher = RandomState::new();
        let mut names = Vec::with_capacity(all.clone().count());
        let mut members = all.clone();
        loop {
            let at = members.at();
            let Some(member) = members.next() else { break };
            names.push(Name {
                hash: hash(&hasher, &member.name),
                place: u32::try_from(names.len()).unwrap_or(u32::MAX),
                at,
            });
        }
        let mut index = Self {
            hasher,
            found: vec![0; names.len() / 64 + 1],
            names,
            all: all.clone(),
        };
        for place in 0..found {
            index.mark(place);
        }
        index.names.sort_unstable_by_key(|name| (name.hash, name.place));
        index
    }

    /// The place of a name, and the members from it on.
    fn find(&self, name: &str) -> Option<(usize, Members<'a>)> {
        let hash = hash(&self.hasher, name);
        let first = self.names.partition_point(|other| other.hash < hash);
        let same = self.names.iter().skip(first).take_while(|other| other.hash == hash);
        let mut members = same.map(|other| (other.place as usize, self.all.clone().starting_at(other.at)));
        members.find(|(_, members)| members.clone().next().is_some_and(|member| member.name == name))
    }

    fn mark(&mut self, place: usize) {
        if let Some(word) = self.found.get_mut(place / 64) {
            *word |= 1 << (place % 64);
        }
    }

    fn is_found(&self, place: usize) -> bool {
        let word = self.found.get(place / 64);
        word.is_some_and(|word| word & (1 << (place % 64)) != 0)
    }
}

/// Half of a hash that a client cannot foresee.
fn hash(hasher: &RandomState, name: &str) -> u32 {
    let [_, _, _, _, bytes @ ..] = hasher.hash_one(name).to_le_bytes();
    u32::from_le_bytes(bytes)
}
