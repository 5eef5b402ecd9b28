// A node and its client in a program with CAF_MAIN. Prints the data that the
// client reads.
#include "spindle/client.hpp"
#include "spindle/connect.hpp"
#include "spindle/serve.hpp"

#include "spindle/fs/memory/memory_vfs.hpp"

#include <iostream>
#include <memory>

#include <caf/exec_main.hpp>
#include <caf/io/middleman.hpp>
#include <caf/openssl/manager.hpp>

void caf_main(caf::actor_system& sys) {
  spindle::settings bounds;
  bounds.disk = std::make_shared<spindle::fs::memory_vfs>();
  auto disk = spindle::spawn_queue(sys, bounds);
  auto node = spindle::serve(sys, {{{"data", false}, disk}}, {});
  if (!node) {
    std::cout << "no node: " << to_string(node.error()) << "\n";
    return;
  }
  auto there = spindle::connect(sys, {.port = node->port()});
  if (!there) {
    std::cout << "no connection: " << to_string(there.error()) << "\n";
    return;
  }
  spindle::client client{*there};
  auto written = client.run(spindle::file_write{
    .path = "data:x", .data = spindle::buffer{"as in the README"}});
  auto read = client.run(spindle::file_read{.path = "data:x"});
  std::cout << (written && read ? read->text() : "failed") << "\n";
}

CAF_MAIN(caf::id_block::spindle, caf::io::middleman, caf::openssl::manager)
