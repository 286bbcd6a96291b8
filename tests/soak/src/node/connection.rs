//! One connection of a node: requests in, answers out, and faults.

use std::io;
use std::rc::Rc;
use std::time::Duration;

use fastrand::Rng;
use socket2::SockRef;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::time::{sleep, timeout};

use super::fault::{self, Fault};
use super::{Shared, cluster_calls};
use crate::exchange::{self, AnswerFraming, Exchange};
use crate::journal::Seen;
use crate::pattern::{Pattern, Way};
use crate::wire::{Framing, Head, Reader};

/// How much of an answer is written at a time.
const PIECE: usize = 16 * 1024;

/// How much of a slow one.
const SLOW_PIECE: usize = 1500;

/// How a connection ended.
enum End {
    Closed,
    Reset,
}

/// Serves a connection to its end.
pub(super) async fn serve_connection(mut stream: TcpStream, shared: Rc<Shared>) {
    // Nobody is told of what fails here: the clients and the journal tell what came of it.
    let _ = stream.set_nodelay(true);
    let mut rng = Rng::new();
    let ended = if shared.fails.get()
        && let Some(resets) = fault::refuses(&mut rng)
    {
        if resets { End::Reset } else { End::Closed }
    } else {
        serve_requests(&mut stream, &shared, &mut rng)
            .await
            .unwrap_or(End::Closed)
    };
    if matches!(ended, End::Reset) {
        let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
    }
}

async fn serve_requests(stream: &mut TcpStream, shared: &Shared, rng: &mut Rng) -> io::Result<End> {
    let (reading, mut writing) = stream.split();
    let mut reader = Reader::new(reading);
    let mut idle_limit = Duration::MAX;
    loop {
        let Ok(next) = timeout(idle_limit, reader.head()).await else {
            return Ok(End::Closed);
        };
        let Some(head) = next? else {
            return Ok(End::Closed);
        };
        let fault = if shared.fails.get() { Fault::draw(rng) } else { None };
        let mut request = Request {
            shared,
            reader: &mut reader,
            writing: &mut writing,
            fault,
        };
        let goes_on = match Exchange::parse(head.word(1)) {
            Some(exchange) => request.serve(&head, exchange).await?,
            None => request.serve_call(&head).await?,
        };
        if let Some(fault) = fault.filter(|fault| fault.breaks()) {
            return Ok(if fault.resets() { End::Reset } else { End::Closed });
        }
        if !goes_on {
            return Ok(End::Closed);
        }
        idle_limit = match fault {
            Some(Fault::CloseIdle(limit)) => limit,
            _ => Duration::MAX,
        };
    }
}

/// One request on its connection.
struct Request<'a, 'b> {
    shared: &'a Shared,
    reader: &'a mut Reader<ReadHalf<'b>>,
    writing: &'a mut WriteHalf<'b>,
    fault: Option<Fault>,
}

impl Request<'_, '_> {
    /// Serves a request of a client, and says whether the connection goes on.
    async fn serve(&mut self, head: &Head, exchange: Exchange) -> io::Result<bool> {
        let is_repeatable = matches!(head.word(0), "GET" | "HEAD") && head.framing().is_none();
        let seen = if is_repeatable { Seen::Repeatable } else { Seen::Head };
        self.note(seen, exchange.id)?;
        self.note_a_break(exchange.id)?;
        if matches!(self.fault, Some(Fault::CloseAtHead | Fault::ResetAtHead)) {
            return Ok(false);
        }
        if self.fault == Some(Fault::Early) {
            self.answer(head, exchange).await?;
            self.read_body(head, exchange).await?;
            return Ok(exchange.answer.framing != AnswerFraming::Closing);
        }
        self.read_body(head, exchange).await?;
        match self.fault {
            Some(Fault::CloseAtEnd | Fault::ResetAtEnd) => return Ok(false),
            Some(Fault::Late(time)) => sleep(time).await,
            _ => {}
        }
        self.answer(head, exchange).await?;
        Ok(exchange.answer.framing != AnswerFraming::Closing)
    }

    /// Serves a call that the gateway makes itself.
    async fn serve_call(&mut self, head: &Head) -> io::Result<bool> {
        let job = head.field("x-opaque-id").and_then(exchange::job_of_opaque_id);
        let creates = job.filter(|_| head.word(1).contains("/_create/"));
        if let Some(id) = job {
            self.note_a_break(id)?;
        }
        if let Some(id) = creates {
            self.note(Seen::Head, id)?;
        }
        if matches!(self.fault, Some(Fault::CloseAtHead | Fault::ResetAtHead)) {
            return Ok(false);
        }
        let framing = head.framing().unwrap_or(Framing::Sized(0));
        self.reader.body(framing, |_| {}).await?;
        if let Some(id) = creates {
            self.note(Seen::Whole, id)?;
        }
        match self.fault {
            Some(Fault::CloseAtEnd | Fault::ResetAtEnd) => return Ok(false),
            Some(Fault::Late(time)) => sleep(time).await,
            _ => {}
        }
        let answer = cluster_calls::answer(head.word(0), head.word(1));
        let cut = match self.fault {
            Some(Fault::CutHead) => 9,
            Some(Fault::CutBody | Fault::ResetBody) => answer.len() - 1,
            _ => answer.len(),
        };
        self.writing
            .write_all(answer.as_bytes().get(..cut).unwrap_or_default())
            .await?;
        Ok(true)
    }

    fn note(&self, seen: Seen, id: u64) -> io::Result<()> {
        self.shared.journal.borrow_mut().write(seen, id)
    }

    fn note_a_break(&self, id: u64) -> io::Result<()> {
        match self.fault {
            Some(fault) if fault.breaks() => self.note(Seen::Broken, id),
            _ => Ok(()),
        }
    }

    async fn read_body(&mut self, head: &Head, exchange: Exchange) -> io::Result<()> {
        let mut expected = Pattern::of(exchange.id, Way::Up);
        let mut is_right = true;
        let framing = head.framing().unwrap_or(Framing::Sized(0));
        self.reader
            .body(framing, |bytes| is_right &= expected.matches(bytes))
            .await?;
        if !is_right || expected.offset() != exchange.body {
            self.note(Seen::WrongBytes, exchange.id)?;
        }
        self.note(Seen::Whole, exchange.id)
    }

    async fn answer(&mut self, head: &Head, exchange: Exchange) -> io::Result<()> {
        let answer_head = exchange.answer_head();
        if self.fault == Some(Fault::CutHead) {
            let half = answer_head.as_bytes().get(..answer_head.len() / 2);
            return self.writing.write_all(half.unwrap_or_default()).await;
        }
        self.writing.write_all(answer_head.as_bytes()).await?;
        if head.word(0) == "HEAD" {
            return Ok(());
        }
        let is_chunked = exchange.answer.framing == AnswerFraming::Chunked;
        let is_slow = self.fault == Some(Fault::Slow);
        let size = if is_slow { SLOW_PIECE } else { PIECE };
        let mut pattern = Pattern::of(exchange.id, Way::Down);
        let middle = exchange.answer.length / 2;
        let mut is_past_the_middle = false;
        let mut left = exchange.answer.length;
        while left > 0 {
            if left <= middle && !is_past_the_middle {
                is_past_the_middle = true;
                match self.fault {
                    Some(Fault::CutBody | Fault::ResetBody) => return Ok(()),
                    Some(Fault::Pause(time)) => sleep(time).await,
                    _ => {}
                }
            }
            let half = usize::try_from(left.div_ceil(2)).unwrap_or(size);
            let mut piece = vec![0; size.min(half)];
            pattern.fill(&mut piece);
            left -= piece.len() as u64;
            if is_chunked {
                exchange::chunk(&mut piece);
            }
            self.writing.write_all(&piece).await?;
            if is_slow {
                tokio::task::yield_now().await;
            }
        }
        let is_cut = matches!(self.fault, Some(Fault::CutBody | Fault::ResetBody));
        if is_chunked && !is_cut {
            self.writing.write_all(exchange::LAST_CHUNK).await?;
        }
        Ok(())
    }
}
