//! Every request is accounted for once, whatever becomes of it: in a line of the access log, and in the metrics.

mod claimed;
mod cut_off;
mod forwarded;
mod logged;
mod turned_away;
mod writing;
