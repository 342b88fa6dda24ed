#pragma once
// How sure the numbers of a change are, by fitting it again to records with other noise.

#include "grok/analysis/change_scan.h"
#include "grok/analysis/phase_changes.h"

namespace grok {

/// The change with its intervals: the fit's residuals, each enlarged by what the fit took from it
/// and multiplied by +1 or -1, as many neighbours alike as depend on each other, are added to the
/// fitted curve, and the change is fitted anew, `options.n_resamples` times.
///   source   the wild bootstrap: Liu 1988; for dependent noise Shao 2010; leverage: MacKinnon and
///            White 1985
PhaseChange with_intervals(const FoundChange& found, const ChangeOptions& options);

}  // namespace grok
