//! Words with a fixed list of values, which become labels of metrics and fields of the log: each value is declared once, with
//! its name and its meaning, and the [page](super::page) of metrics is written from that.

/// One of the values that a label may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// How metrics and logs name it.
    pub name: &'static str,
    /// What it says.
    pub meaning: &'static str,
}

/// Declares an enum whose variants have a name. Their order is that of their indices.
macro_rules! words {
    ($(#[doc = $about:literal])+ $name:ident { $($(#[doc = $meaning:literal])+ $variant:ident = $word:literal,)+ }) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[doc = $meaning])+ $variant,)+
        }

        impl $name {
            /// All of them, in the order of their indices.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// Its name in metrics and logs.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// All of them with what they say.
            pub(crate) fn words() -> Vec<$crate::telemetry::word::Word> {
                let words = [$(($word, concat!($($meaning),+).trim_ascii())),+];
                words.map(|(name, meaning)| $crate::telemetry::word::Word { name, meaning }).to_vec()
            }
        }
    };
}

pub(super) use words;
