//! The dashboard of those who run the gateway, and what can be tried out there.

mod browser;
mod listener;
mod seen;
mod trying;
