//! What an event of the log is declared as: its level, part of the program, message and fields, together with what it means
//! and which metric counts it. The line that is written and the [page](super::page) of events come from one declaration.

/// An event as it is declared.
#[derive(Debug)]
pub struct Declared {
    /// Its level, in capital letters.
    pub level: &'static str,
    /// The part of the program that it is of, by which lines can be chosen.
    pub target: &'static str,
    /// What the line says.
    pub message: &'static str,
    /// The names of its fields.
    pub fields: &'static [&'static str],
    /// The metrics that count it.
    pub counted_by: &'static [&'static str],
    /// What has happened, and what to do about it.
    pub meaning: &'static str,
}

/// Declares events, with a list of them. Each is a type whose `log` writes its line; a field with `%` is shown by `Display`.
macro_rules! events {
    ($(
        $(#[doc = $meaning:literal])+
        $level:ident $target:literal $message:literal
        $name:ident $(<$life:lifetime>)? { $($(%$shown:ident)? $($plain:ident)? : $kind:ty),* $(,)? }
        $(counted by $($family:ident),+)? ;
    )+) => {
        $(
            $(#[doc = $meaning])+
            pub(crate) struct $name $(<$life>)? {
                $(pub(crate) $($shown)? $($plain)? : $kind,)*
            }

            impl $(<$life>)? $name $(<$life>)? {
                /// Writes it to the log.
                pub(crate) fn log(&self) {
                    tracing::event!(
                        target: $target,
                        tracing::Level::$level,
                        $($($shown = %self.$shown)? $($plain = self.$plain)? ,)*
                        $message
                    );
                }
            }
        )+

        /// The events of this file.
        pub(super) const EVENTS: &[$crate::telemetry::event::Declared] = &[
            $($crate::telemetry::event::Declared {
                level: stringify!($level),
                target: $target,
                message: $message,
                fields: &[$($(stringify!($shown))? $(stringify!($plain))?),*],
                counted_by: &[$($($crate::telemetry::families::$family.name),+)?],
                meaning: concat!($($meaning),+).trim_ascii(),
            }),+
        ];
    };
}

pub(super) use events;
