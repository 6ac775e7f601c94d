/* elfview.h: just enough of ELF to say what an object holds, so that the tests need no binutils. */
#ifndef LRS_TESTS_ELFVIEW_H
#define LRS_TESTS_ELFVIEW_H

#include <elf.h>
#include <stddef.h>

typedef struct elfview {
    const unsigned char *at;
    size_t n;
    const Elf64_Ehdr *head;
    const Elf64_Shdr *sections;
    const char *section_names;
    const Elf64_Sym *symbols;
    size_t nsymbols;
    const char *symbol_names;
} elfview;

/* 0, or -1 when these bytes are no 64-bit little-endian object. The bytes must be 8-byte aligned. */
int elfview_open(elfview *e, const void *at, size_t n);
/* Bytes of machine code. */
size_t elfview_text(const elfview *e);
const Elf64_Shdr *elfview_section(const elfview *e, const char *name);
/* The i-th symbol's name if it is needed from elsewhere, or given to elsewhere; else NULL. */
const char *elfview_undefined(const elfview *e, size_t i);
const char *elfview_global(const elfview *e, size_t i);

#endif
