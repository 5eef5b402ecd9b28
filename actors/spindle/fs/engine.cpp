#include "spindle/fs/engine.hpp"

#include "spindle/fs/plain_engine.hpp"
#include "spindle/fs/posix/ring_engine.hpp"
#include "spindle/fs/thread_engine.hpp"

namespace spindle::fs {

engine_ptr make_engine(engine_kind kind, size_t depth) {
  switch (kind) {
    case engine_kind::plain:
      return std::make_unique<plain_engine>();
    case engine_kind::threads:
      return std::make_unique<thread_engine>(depth);
    case engine_kind::ring:
      return posix::ring_engine::make(depth);
  }
  return nullptr;
}

} // namespace spindle::fs
