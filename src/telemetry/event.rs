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
    /// Whether it has the fields that say who asked, and for what.
    pub is_by_request: bool,
    /// The names of its other fields.
    pub fields: &'static [&'static str],
    /// The metrics that count it.
    pub counted_by: &'static [&'static str],
    /// What has happened, and what to do about it.
    pub meaning: &'static str,
}

/// Declares events, with a list of them. Each is a type whose `log` writes its line; a field with `%` is shown by `Display`.
/// One that is `by asked` has the fields that say who asked, and for what.
macro_rules! events {
    ($(
        $(#[doc = $meaning:literal])+
        $level:ident $target:literal $message:literal
        $name:ident $(<$life:lifetime>)? $(by $asked:ident)? { $($(%$shown:ident)? $($plain:ident)? : $kind:ty),* $(,)? }
        $(counted by $($family:ident),+)? ;
    )+) => {
        $(
            $(#[doc = $meaning])+
            pub(crate) struct $name $(<$life>)? {
                $(pub(crate) $asked: &'a $crate::telemetry::asked::Asked,)?
                $(pub(crate) $($shown)? $($plain)? : $kind,)*
            }

            impl $(<$life>)? $name $(<$life>)? {
                /// Writes it to the log.
                pub(crate) fn log(&self) {
                    tracing::event!(
                        target: $target,
                        tracing::Level::$level,
                        $(
                            client = %self.$asked.client,
                            user = self.$asked.user.as_deref(),
                            opaque_id = self.$asked.opaque_id.as_deref(),
                            method = self.$asked.method.as_str(),
                            path = self.$asked.path.as_str(),
                            dry_run = self.$asked.is_dry_run,
                        )?
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
                is_by_request: !str::is_empty(concat!($(stringify!($asked))?)),
                fields: &[$($(stringify!($shown))? $(stringify!($plain))?),*],
                counted_by: &[$($($crate::telemetry::families::$family.name),+)?],
                meaning: concat!($($meaning),+).trim_ascii(),
            }),+
        ];
    };
}

pub(super) use events;
