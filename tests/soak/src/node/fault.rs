//! What goes wrong with a request at a node.

use std::time::Duration;

use fastrand::Rng;

/// Of so many requests of 100 something goes wrong, while nodes are told to fail.
const FAILING: u8 = 20;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The connection is closed when the head has come.
    CloseAtHead,
    /// The connection is reset when the head has come.
    ResetAtHead,
    /// The connection is closed when the whole request has come.
    CloseAtEnd,
    /// The connection is reset when the whole request has come.
    ResetAtEnd,
    /// The answer's head ends in its middle.
    CutHead,
    /// The answer's body ends in its middle, with the connection closed.
    CutBody,
    /// The answer's body ends in its middle, with the connection reset.
    ResetBody,
    /// The answer comes late.
    Late(Duration),
    /// The answer stops for a while in its middle.
    Pause(Duration),
    /// The answer comes before the request's body has been read.
    Early,
    /// The answer comes in small pieces.
    Slow,
    /// The connection is closed by the node once it has been idle for so long.
    CloseIdle(Duration),
}

impl Fault {
    /// What happens to the next request.
    pub(super) fn draw(rng: &mut Rng) -> Option<Self> {
        if rng.u8(..100) >= FAILING {
            return None;
        }
        let mut up_to = |most: u64| Duration::from_millis(rng.u64(1..=most));
        let (late, pause, idle) = (up_to(1500), up_to(800), up_to(200));
        let faults = [
            Self::CloseAtHead,
            Self::ResetAtHead,
            Self::CloseAtEnd,
            Self::ResetAtEnd,
            Self::CutHead,
            Self::CutBody,
            Self::ResetBody,
            Self::Late(late),
            Self::Pause(pause),
            Self::Early,
            Self::Slow,
            Self::CloseIdle(idle),
        ];
        rng.choice(faults)
    }

    /// Whether the request cannot be answered whole.
    pub(super) fn breaks(self) -> bool {
        matches!(
            self,
            Self::CloseAtHead
                | Self::ResetAtHead
                | Self::CloseAtEnd
                | Self::ResetAtEnd
                | Self::CutHead
                | Self::CutBody
                | Self::ResetBody
        )
    }

    /// Whether the connection is reset rather than closed.
    pub(super) fn resets(self) -> bool {
        matches!(self, Self::ResetAtHead | Self::ResetAtEnd | Self::ResetBody)
    }
}

/// Whether a connection is closed, or reset, as soon as it has been accepted.
pub(super) fn refuses(rng: &mut Rng) -> Option<bool> {
    (rng.u8(..100) < 3).then(|| rng.bool())
}
