// archive.h: see types.h.
#ifndef TORCH_ARCHIVE_SHAPE_H
#define TORCH_ARCHIVE_SHAPE_H
#include <torch/types.h>

#include <string>

namespace torch {
namespace serialize {

class OutputArchive {
public:
    void write(const std::string &key, const Tensor &tensor, bool is_buffer = false);
};

class InputArchive {
public:
    bool try_read(const std::string &key, Tensor &tensor, bool is_buffer = false);
};

} // namespace serialize
} // namespace torch
#endif
