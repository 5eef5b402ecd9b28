// The rules of net/frame.hpp for the CAF that this is compiled with.
#pragma once

#include "cafx/cafx.hpp"
#include "cafx/net/frame.hpp"
#include "cafx/net/transport.hpp"

#include <cstdint>
#include <string>
#include <utility>

#include <caf/actor_system_config.hpp>
#include <caf/io/basp/header.hpp>
#include <caf/io/basp/version.hpp>

namespace cafx::basp {

namespace detail {

#if CAFX_MODERN

/// Adds the types of CAF that contain no other values.
inline void add_plain_types(net::message_types& to) {
  [&to]<class... Ts>(type_list<Ts...>) {
    (to.ids.insert(caf::type_id_v<Ts>), ...);
  }(type_list<bool, int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t,
              uint32_t, uint64_t, float, double, std::string, caf::timespan,
              caf::timestamp, caf::unit_t>{});
}

template <class Block>
void add_block(net::message_types& to) {
  for (auto id = Block::begin; id < Block::end; ++id)
    to.ids.insert(id);
}

#else

inline void add_plain_types(net::message_types& to) {
  for (const char* name :
       {"bool", "@i8", "@i16", "@i32", "@i64", "@u8", "@u16", "@u32", "@u64",
        "float", "double", "@str", "@timespan", "@timestamp", "@unit"})
    to.names.emplace(name);
}

template <class Block>
void add_block(net::message_types& to) {
  [&to]<size_t... Is>(std::index_sequence<Is...>) {
    (to.names.emplace(caf::type_name_by_id<Block::begin + Is>::value), ...);
  }
  (std::make_index_sequence<Block::end - Block::begin>{});
}

#endif

} // namespace detail

/// Returns the protocol for peers whose messages use these type blocks.
template <class... Blocks>
net::protocol make_protocol() {
  net::protocol res;
  res.version = caf::io::basp::version;
#if CAFX_MODERN
  res.numbered_types = true;
  res.spawn_server = caf::io::basp::header::spawn_server_id;
  res.types.error_id = caf::type_id_v<caf::error>;
#else
  res.spawn_server = static_cast<uint64_t>(caf::atom("SpawnServ"));
  res.types.error_name = "@error";
#endif
  detail::add_plain_types(res.types);
  (detail::add_block<Blocks>(res.types), ...);
  return res;
}

/// Returns the files from the options of CAF's OpenSSL module.
inline net::tls_identity tls_identity_of(const caf::actor_system_config& cfg) {
#if CAFX_MODERN
  auto option = [&cfg](const char* name) {
    return caf::get_or(cfg, std::string{"caf.openssl."} + name, "");
  };
  return {option("certificate"), option("key"), option("passphrase"),
          option("cafile"), option("capath")};
#else
  return {cfg.openssl_certificate, cfg.openssl_key, cfg.openssl_passphrase,
          cfg.openssl_cafile, cfg.openssl_capath};
#endif
}

} // namespace cafx::basp
