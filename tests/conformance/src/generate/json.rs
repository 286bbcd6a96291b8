//! A tree of JSON that can also be wrong: names twice, tokens that are none.

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Json {
    /// A number or word, or anything else that is written as it is.
    Token(String),
    /// A string, whose characters are escaped when it is written.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// An object. Names may stand in it more than once.
    Object(Vec<(String, Json)>),
}

impl Json {
    pub(super) fn token(token: impl Into<String>) -> Self {
        Self::Token(token.into())
    }

    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn null() -> Self {
        Self::token("null")
    }

    pub(super) fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(texts.into_iter().map(Self::text).collect())
    }

    pub(super) fn object<const N: usize>(members: [(&str, Json); N]) -> Self {
        Self::Object(members.map(|(name, value)| (name.to_owned(), value)).into())
    }

    /// Its members' or elements' values.
    pub(super) fn children_mut(&mut self) -> Vec<&mut Json> {
        match self {
            Self::List(items) => items.iter_mut().collect(),
            Self::Object(members) => members.iter_mut().map(|(_, value)| value).collect(),
            Self::Token(_) | Self::Text(_) => Vec::new(),
        }
    }

    /// How many values are in it, itself included.
    pub(super) fn count(&mut self, is_meant: fn(&Json) -> bool) -> usize {
        let own = usize::from(is_meant(self));
        let below = self.children_mut().into_iter().map(|child| child.count(is_meant));
        own + below.sum::<usize>()
    }

    /// The value of this number among those meant, in the order of the text.
    pub(super) fn find(&mut self, number: usize, is_meant: fn(&Json) -> bool) -> Option<&mut Json> {
        let mut left = number;
        self.find_counting(&mut left, is_meant)
    }

    fn find_counting(&mut self, left: &mut usize, is_meant: fn(&Json) -> bool) -> Option<&mut Json> {
        if is_meant(self) {
            if *left == 0 {
                return Some(self);
            }
            *left -= 1;
        }
        self.children_mut()
            .into_iter()
            .find_map(|child| child.find_counting(left, is_meant))
    }
}

/// The members of an object that is being made.
#[derive(Debug, Default)]
pub(super) struct Members(Vec<(String, Json)>);

impl Members {
    pub(super) fn add(&mut self, name: &str, value: Json) {
        self.0.push((name.to_owned(), value));
    }

    pub(super) fn member_mut(&mut self, name: &str) -> Option<&mut Json> {
        let named = self.0.iter_mut().find(|(known, _)| known == name);
        named.map(|(_, value)| value)
    }

    pub(super) fn into_vec(self) -> Vec<(String, Json)> {
        self.0
    }
}

impl From<Members> for Json {
    fn from(members: Members) -> Self {
        Self::Object(members.0)
    }
}
