//! What the cluster lets the gateway do and know, for its own account and for the index that it stores into.

use std::fmt::Display;

use super::super::event::events;
use super::super::families::INDEX_CREATIONS;

events! {
    /// The cluster refused the gateway's own account when it asked who it is. Check `access.authorization`.
    WARN "anomaly_gateway::server" "the cluster refused to say who the gateway's own account is"
    AccountUnknown<'a> { %error: &'a dyn Display };

    /// It is not known yet whether the gateway's own account can be used. Nothing is to be done if the cluster starts later.
    WARN "anomaly_gateway::server" "the cluster did not answer the gateway's own account; it is asked again with each job"
    AccountUnanswered {};

    /// The index was not there and was made, with its mapping.
    INFO "anomaly_gateway::store" "the index was created"
    IndexMade<'a> { index: &'a str } counted by INDEX_CREATIONS;

    /// The index was there, was gone, and was made anew, empty. Somebody has deleted it: restore it from a snapshot if that was
    /// a mistake.
    WARN "anomaly_gateway::store" "the index was missing and was created again: what was stored in it is lost"
    IndexMadeAgain<'a> { index: &'a str } counted by INDEX_CREATIONS;

    /// `jobs.commit` hands jobs to the cluster, which is OpenSearch and knows no such call: each create is answered with 400.
    /// Set `jobs.commit` to `store`. There is one such line.
    WARN "anomaly_gateway::proxy" "jobs are sent to a cluster that cannot create them: with OpenSearch, set `jobs.commit` to `store`"
    NoJobsInCluster {} counted by COMMITS;

    /// A pipeline or an alias has changed where a document goes. It was removed again if `is_removed`; the index cannot be
    /// used as it is.
    WARN "anomaly_gateway::store" "a document was not stored where it was sent"
    StoredElsewhere<'a> { path: &'a str, is_removed: bool };

    /// A create of two documents failed after the first, which could not be taken back, or a delete after the first. A datafeed
    /// without its job counts for nothing, and the next create of its id takes its place; a job is to be deleted by hand.
    WARN "anomaly_gateway::store" "a document could not be removed again"
    LeftBehind<'a> { id: &'a str, %error: &'a dyn Display };

    /// A gateway was ended, or lost the cluster, while it had the cluster change a job, and nobody has touched its lock for a
    /// minute. Nothing is to be done.
    WARN "anomaly_gateway::proxy" "a lock that a gateway has left behind was removed"
    LockRemoved<'a> { id: &'a str };

    /// A lock could not be removed after its change. Changes of the job are refused with 429 until another gateway, or this one,
    /// has seen the lock for a minute. Check that who stores jobs may delete documents of the index.
    WARN "anomaly_gateway::proxy" "a lock could not be removed"
    LockNotReleased<'a> { id: &'a str, %error: &'a dyn Display };

    /// With `jobs.serve: all` the gateway starts only before OpenSearch, and the cluster does not say what it is to somebody
    /// without credentials, or not yet. Each request about jobs asks again, and is refused before Elasticsearch.
    WARN "anomaly_gateway::server" "it is not known yet whether jobs can be served before this cluster"
    ProductUnknown<'a> { %error: &'a dyn Display };

    /// Without its aliases it is not known which requests could write to the protected index.
    WARN "anomaly_gateway::server" "the cluster did not return the aliases of the protected index: once they have been unknown for the time in refusing_after, or if they never were known, writes that name an index are refused with 503; if the cluster wants credentials, set access.authorization to a file with the value of Authorization of a user who may see the index's metadata"
    AliasesUnknown<'a> { %index: &'a dyn Display, %error: &'a dyn Display, %refusing_after: &'a dyn Display }
    counted by PROTECTED_INDEX_REFUSALS;

    /// The cluster tells the aliases of the protected index again.
    INFO "anomaly_gateway::server" "the aliases of the protected index are known again"
    AliasesKnown<'a> { %index: &'a dyn Display };
}

/// The index was made: counts and logs it.
pub(crate) fn index_made(index: &str, is_again: bool) {
    if is_again {
        INDEX_CREATIONS.add(&["true"], 1);
        IndexMadeAgain { index }.log();
    } else {
        INDEX_CREATIONS.add(&["false"], 1);
        IndexMade { index }.log();
    }
}
