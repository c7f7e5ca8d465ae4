// SPDX-License-Identifier: Apache-2.0
// The host's reader of data files: CSV (plain or gzip) and HDF5 (SONATA, SHD). Throws InputError.
#pragma once

#include <volley/files.h>

#include <memory>

namespace volley {

std::unique_ptr<Files> make_files();

Table read_csv(const std::string& path);

}  // namespace volley
