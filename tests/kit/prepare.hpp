// Set-up of a test program before its tests.
#pragma once

namespace kit {

/// Called by main before the tests. Each test program links its own definition,
/// because main is compiled once for all of them.
void prepare();

} // namespace kit
