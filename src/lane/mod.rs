//! What is plain in HTTP/1.1: heads and bodies that everybody who reads HTTP reads in the same way, so that they can pass as
//! the bytes that they came in.

pub mod answer_head;
pub mod body;
pub mod chunked;
mod fields;
pub mod head;
pub mod render;
