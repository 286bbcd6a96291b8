//! The rules of `analysis_limits` (contract job.md §2.4).

use crate::es::error::Exception;

use super::super::job::AnalysisLimits;
use super::status;

/// The least memory, in MiB.
const LEAST_MEMORY: i64 = 1;

/// Checks both limits; the memory first.
pub(in super::super) fn check(limits: AnalysisLimits) -> Result<(), Exception> {
    if let Some(memory) = limits.model_memory_limit.filter(|memory| *memory < LEAST_MEMORY) {
        return Err(status(format!(
            "[model_memory_limit] is [{memory}] MiB; a model needs [{LEAST_MEMORY}] MiB or more"
        )));
    }
    if let Some(examples) = limits.categorization_examples_limit.filter(|examples| *examples < 0) {
        return Err(status(format!(
            "[categorization_examples_limit] is [{examples}], less than [0]; use [0] for none"
        )));
    }
    Ok(())
}
