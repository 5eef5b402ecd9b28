#include "put.hpp"

#include "succeeded.hpp"

#include "spindle/client.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace bench {

namespace {

/// As `spindle put` has them: tools/transfer/transfer_command.cpp and
/// chunks.hpp.
constexpr size_t put_chunk = size_t{1} << 20;
constexpr size_t put_window = 8;

/// Returns the next chunk of a file; an empty one at its end.
spindle::buffer read_chunk(std::istream& from) {
  auto bytes = spindle::buffer::allocate(put_chunk);
  from.read(reinterpret_cast<char*>(bytes.get()), put_chunk);
  if (from.bad())
    throw std::runtime_error{"the source of a put cannot be read"};
  return {std::move(bytes), static_cast<size_t>(from.gcount())};
}

/// Writes all of `source` to a file that exists.
/// @returns the number of bytes.
uint64_t write_part(spindle::client& client, const std::string& source,
                    const std::string& part) {
  std::ifstream in{source, std::ios::binary};
  if (!in)
    throw std::runtime_error{"cannot open " + source};
  auto start = [&](spindle::buffer chunk, uint64_t offset) {
    return client.start(spindle::file_write{.path = part,
                                            .data = std::move(chunk),
                                            .mode = spindle::write_mode::update,
                                            .offset = offset});
  };
  std::deque<decltype(start({}, 0))> in_flight;
  auto finish_one = [&] {
    succeeded(in_flight.front()());
    in_flight.pop_front();
  };
  uint64_t size = 0;
  for (auto chunk = read_chunk(in); !chunk.empty(); chunk = read_chunk(in)) {
    auto offset = std::exchange(size, size + chunk.size());
    in_flight.push_back(start(std::move(chunk), offset));
    if (in_flight.size() == put_window)
      finish_one();
  }
  while (!in_flight.empty())
    finish_one();
  return size;
}

} // namespace

void put(const spindle::queue& to, const std::string& source,
         const std::string& target, put_end end) {
  spindle::client client{to, std::chrono::minutes{5}};
  auto part = target + ".part";
  succeeded(client.run(spindle::file_create{.path = part}));
  auto size = write_part(client, source, part);
  succeeded(client.run(spindle::file_checksum{.path = part, .length = size}));
  if (end == put_end::synced)
    succeeded(client.run(spindle::file_sync{.path = part}));
  succeeded(client.run(spindle::file_rename{
    .path = part,
    .target = target,
    .overwrite = true,
    .durability = end == put_end::synced ? spindle::durability::data
                                         : spindle::durability::none}));
}

} // namespace bench
