// What a test program does before its tests.
#pragma once

namespace kit {

/// Prepares for the tests; called by main. Each test program has its own, as
/// Catch2 and its main are compiled once for all of them.
void prepare();

} // namespace kit
