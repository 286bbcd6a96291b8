//! The plugin's face to the proxy: which requests it claims, where it looks the job up, and how it stores what was admitted.

use crate::admission::engine::Call;
use crate::admission::{Admitted, Candidate, Verdict};
use crate::es::error::{Exception, Kind, Refusal};
use crate::es::version::Version;
use crate::plugin::{
    Commit, CommitError, Deprecation, Forwarded, Keeper, LockPlace, LookUp, Permission, Plugin, PluginError, Profile,
    Recording, Route, Tail, Wanted,
};
use crate::store::{IndexDefinition, IndexName, Store};
use crate::xcontent::elided_text::ElidedText;
use crate::xcontent::json::Node;

use super::super::TakesTurns;
use super::super::commit;
use super::super::plugin::{BODY_LIMIT, INDEX};
use super::{UpdateJob, look_up};

/// The two spellings of the call (jobs-api.md §0, §7). Nothing of its path is reserved: whatever stands where the id does is
/// an id.
const ROUTES: &[Route] = &[
    Route {
        method: "POST",
        prefix: "_ml/anomaly_detectors",
        tail: Tail::VariableThen("_update"),
        reserved: &[],
        allowed: &["POST"],
        deprecation: None,
    },
    Route {
        method: "POST",
        prefix: "_xpack/ml/anomaly_detectors",
        tail: Tail::VariableThen("_update"),
        reserved: &[],
        allowed: &["POST"],
        deprecation: Some(Deprecation {
            compatible_only_since: Version::new(8, 0, 0),
            removed_in: Version::new(9, 0, 0),
            warning: "[POST /_xpack/ml/anomaly_detectors/{job_id}/_update] is deprecated! \
                      Use [POST /_ml/anomaly_detectors/{job_id}/_update] instead.",
        }),
    },
];

/// Who may update a job (jobs-api.md §0).
const PERMISSION: Permission = Permission {
    action: "cluster:admin/xpack/ml/job/update",
    privilege: "manage_ml",
    granted_by: "manage_ml,manage,all",
};

const PROFILE: Profile = Profile {
    name: "anomaly_job_update",
    routes: ROUTES,
    permission: PERMISSION,
    body_limit: BODY_LIMIT,
};

/// The call, and the index that jobs are stored in.
#[derive(Debug)]
pub struct UpdateJobPlugin {
    pub(super) call: UpdateJob,
    pub(super) index: IndexDefinition,
    heeds_policies: bool,
    turns: TakesTurns,
}

impl UpdateJobPlugin {
    /// The plugin, where jobs are stored in this index.
    pub fn new(index: IndexName) -> Result<Self, PluginError> {
        let call = UpdateJob::new(Version::BASE)?;
        let index = IndexDefinition::new(index, serde_json::from_str(INDEX)?);
        Ok(Self {
            call,
            index,
            heeds_policies: true,
            turns: TakesTurns::No,
        })
    }

    /// The same, which does what Elasticsearch would do, whatever policies say.
    #[must_use]
    pub fn whatever_policies_say(self) -> Self {
        Self {
            heeds_policies: false,
            ..self
        }
    }

    /// The same, where what is judged is not changed by others before it is done.
    #[must_use]
    pub fn taking_turns(self, turns: TakesTurns) -> Self {
        Self { turns, ..self }
    }

    /// Stores a job in the place of the one that was looked up.
    async fn replace(&self, admitted: Admitted, store: Store<'_>) -> Result<ElidedText, CommitError> {
        let Some(version) = admitted.replaces else {
            let reason = "it is not known which version of the job was judged";
            return Err(CommitError::Refused(Exception::new(Kind::Internal, reason).into()));
        };
        let index = self.index.ensure(store).await?;
        let documents = admitted.documents;
        store
            .replace_version(&index, &admitted.document_id, documents.clone(), version)
            .await?;
        Ok(documents)
    }
}

impl Call for UpdateJobPlugin {
    fn admit(&self, candidate: &Candidate<'_>) -> Verdict {
        self.call.admit(candidate)
    }

    fn groups(&self, document: Node<'_>) -> Vec<String> {
        Call::groups(&self.call, document)
    }
}

impl Plugin for UpdateJobPlugin {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn dry_run<'a>(&'a self, admitted: Admitted, _: Store<'a>) -> Commit<'a> {
        Box::pin(async { Ok(admitted.documents) })
    }

    fn commit<'a>(&'a self, admitted: Admitted, store: Store<'a>) -> Commit<'a> {
        Box::pin(self.replace(admitted, store))
    }

    fn request(&self, _: &Admitted) -> Forwarded {
        Forwarded::AsSent
    }

    fn record<'a>(&'a self, admitted: Admitted, store: Store<'a>) -> Recording<'a> {
        Box::pin(commit::record(&self.index, admitted, store))
    }

    fn heeds_policies(&self) -> bool {
        self.heeds_policies
    }

    fn changes_documents(&self) -> bool {
        true
    }

    fn lock(&self, id: &str, api: Version) -> Option<LockPlace> {
        self.call.is_id(id, api).then(|| self.turns.lock(&self.index, id))?
    }

    fn wanted(&self, candidate: &Candidate<'_>) -> Result<Wanted, Refusal> {
        Ok(Wanted {
            id: candidate.id.to_owned(),
            names: self.call.groups_of(candidate)?,
            api: candidate.api,
        })
    }

    fn look_up<'a>(&'a self, wanted: &'a Wanted, keeper: Keeper, store: Store<'a>) -> LookUp<'a> {
        Box::pin(async move {
            if !self.call.is_id(&wanted.id, wanted.api) {
                return Err(look_up::absent(&wanted.id));
            }
            match keeper {
                Keeper::Cluster => look_up::of_cluster(wanted, store).await,
                Keeper::Gateway => look_up::of_index(wanted, &self.index, store).await,
            }
        })
    }
}
