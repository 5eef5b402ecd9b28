// A program of another project, with nothing but spindle::spindle to build it.
#include <spindle/fs/operations.hpp>

#include <iostream>

int main() {
  spindle::operation what = spindle::file_read{.path = "in.bin"};
  std::cout << "consumer: " << spindle::name_of(what) << ' '
            << spindle::path_of(what) << '\n';
}
