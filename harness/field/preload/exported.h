// Marks what stands in front of a function of the program; everything else of the library is hidden.
#pragma once

#define WALSOAK_EXPORTED extern "C" __attribute__((visibility("default")))
