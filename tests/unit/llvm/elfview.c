/* elfview.c: see elfview.h. */
#include "elfview.h"
#include <string.h>

int elfview_open(elfview *e, const void *at, size_t n)
{
    size_t i;
    memset(e, 0, sizeof *e);
    e->at = at;
    e->n = n;
    e->head = at;
    if (n < sizeof *e->head || memcmp(e->head->e_ident, ELFMAG, SELFMAG) != 0 || e->head->e_ident[EI_CLASS] != ELFCLASS64 ||
        e->head->e_ident[EI_DATA] != ELFDATA2LSB || e->head->e_type != ET_REL)
        return -1;
    e->sections = (const Elf64_Shdr *)(const void *)(e->at + e->head->e_shoff);
    e->section_names = (const char *)e->at + e->sections[e->head->e_shstrndx].sh_offset;
    for (i = 0; i < e->head->e_shnum; i++)
        if (e->sections[i].sh_type == SHT_SYMTAB) {
            e->symbols = (const Elf64_Sym *)(const void *)(e->at + e->sections[i].sh_offset);
            e->nsymbols = e->sections[i].sh_size / sizeof *e->symbols;
            e->symbol_names = (const char *)e->at + e->sections[e->sections[i].sh_link].sh_offset;
        }
    return e->symbols ? 0 : -1;
}

size_t elfview_text(const elfview *e)
{
    size_t i, n = 0;
    for (i = 0; i < e->head->e_shnum; i++)
        if (e->sections[i].sh_flags & SHF_EXECINSTR)
            n += e->sections[i].sh_size;
    return n;
}

const Elf64_Shdr *elfview_section(const elfview *e, const char *name)
{
    size_t i;
    for (i = 0; i < e->head->e_shnum; i++)
        if (strcmp(e->section_names + e->sections[i].sh_name, name) == 0)
            return &e->sections[i];
    return NULL;
}

const char *elfview_undefined(const elfview *e, size_t i)
{
    return i != 0 && e->symbols[i].st_shndx == SHN_UNDEF ? e->symbol_names + e->symbols[i].st_name : NULL;
}

const char *elfview_global(const elfview *e, size_t i)
{
    return e->symbols[i].st_shndx != SHN_UNDEF && ELF64_ST_BIND(e->symbols[i].st_info) != STB_LOCAL
               ? e->symbol_names + e->symbols[i].st_name
               : NULL;
}
