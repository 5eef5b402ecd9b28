// The picture of what came of the profiles.
#pragma once

#include "experiment.hpp"

#include <string>
#include <vector>

namespace demo {

/// Makes sure that a picture can be drawn, before there is anything to draw.
/// @throws std::runtime_error if gnuplot is not installed.
void require_gnuplot();

/// Draws the throughput and the interactivity of profiles.
/// @param file where the picture goes, as SVG.
/// @param alone what is computed while nobody writes.
/// @throws std::runtime_error if that fails.
void plot(const std::string& file, const std::vector<balance>& all,
          const balance& alone);

} // namespace demo
