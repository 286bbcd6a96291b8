//! The rules of `analysis_limits` (create-job.md §2.4).

use super::super::job::AnalysisLimits;
use super::super::rulebook::{Rule, Rulebook};
use crate::es::error::Exception;

/// Checks both limits; the memory first.
pub(in super::super) fn check(limits: AnalysisLimits, rules: &Rulebook) -> Result<(), Exception> {
    for (rule, limit) in [
        (Rule::ModelMemoryLimitMinimum, limits.model_memory_limit),
        (
            Rule::CategorizationExamplesLimitMinimum,
            limits.categorization_examples_limit,
        ),
    ] {
        let Some((limit, row)) = limit.zip(rules.row(rule)) else {
            continue;
        };
        if limit < row.minimum {
            rules.refuse(rule, &[("value", &limit), ("minimum", &row.minimum)])?;
        }
    }
    Ok(())
}
