// types.h: declarations of the shape of those of libtorch that lrs/torch.hpp uses, and no more: it is read as C++17 beside them, because
// the headers of a recent libtorch need C++20 themselves. Nothing is linked.
#ifndef TORCH_TYPES_SHAPE_H
#define TORCH_TYPES_SHAPE_H
#include <cstdint>
#include <initializer_list>

namespace torch {

enum class ScalarType { Byte };
constexpr ScalarType kUInt8 = ScalarType::Byte;

class Tensor {
public:
    ScalarType scalar_type() const;
    Tensor cpu() const;
    Tensor contiguous() const;
    std::int64_t numel() const;
    template <class T> T *data_ptr() const;
};

Tensor empty(std::initializer_list<std::int64_t> sizes, ScalarType type);

} // namespace torch
#endif
