/* pens.c: how shapes look, on light and on dark ground: one table for all pictures in files. See canvas.h. */
#include "canvas.h"

const pen_style pen_styles[PENS] = {
    [PEN_PAPER] = {"paper", 0xffffff, 0x15181d, 0, 0, 1, 0, 0},
    [PEN_GRID] = {"grid", 0xe4e7eb, 0x2b3038, 0, 1, 1, 0, 0},
    [PEN_MINOR] = {"minor", 0xf2f4f6, 0x20242b, 0, 1, 1, 0, 0},
    [PEN_AXIS] = {"axis", 0x9aa3ad, 0x68717d, 0, 1, 1, 0, 0},
    [PEN_SPLIT] = {"split", 0xd3d9df, 0x3c434d, 0, 1, 1, 0, 0},
    [PEN_TITLE] = {"title", 0x1a1d21, 0xf0f2f4, 0, 0, 1, 15, 1},
    [PEN_NAME] = {"name", 0x1a1d21, 0xf0f2f4, 0, 0, 1, 12, 1},
    [PEN_TEXT] = {"text", 0x1a1d21, 0xe6e9ec, 0, 0, 1, 12, 0},
    [PEN_DIM] = {"dim", 0x5f6873, 0x9aa4b0, 0, 0, 1, 12, 0},
    [PEN_LABEL] = {"label", 0x33393f, 0xd0d5db, 0, 0, 1, 11, 0},
    [PEN_NOTE] = {"note", 0x33393f, 0xd0d5db, 0, 0, 1, 11, 0},
    [PEN_CURVE] = {"curve", 0, 0, 1, 2, 1, 0, 0},
    [PEN_DOT] = {"dot", 0, 0, 1, 0, 1, 0, 0},
    [PEN_BAND] = {"band", 0, 0, 1, 0, 0.16, 0, 0},
    [PEN_HALO] = {"halo", 0xffffff, 0x15181d, 0, 0, 1, 0, 0},
};

const pen_color pen_colors[PEN_COLORS] = {
    {0x0072b2, 0x56b4e9}, {0xe69f00, 0xe69f00}, {0x009e73, 0x00b887}, {0xcc79a7, 0xcc79a7},
    {0x56b4e9, 0x3a86c8}, {0xd55e00, 0xe8702a}, {0xb5a900, 0xf0e442}, {0x6b7280, 0xa9b0b9},
};

const double pen_dashes[PEN_COLORS][PEN_DASHES] = {
    {0}, {9, 4}, {2.5, 3}, {10, 3.5, 2.5, 3.5}, {5, 2.5}, {13, 3, 2.5, 3, 2.5, 3}, {16, 5}, {5, 3, 1.5, 3},
};

int pen_color_of(pen p)
{
    return p.curve % PEN_COLORS;
}

int pen_dash_of(pen p)
{
    return (p.curve + p.curve / PEN_COLORS) % PEN_COLORS;
}
