package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// tiles reads a log's tiles for tlog.TileHashReader, each once.
type tiles struct {
	from source
	read map[tlog.Tile][]byte
}

func (t *tiles) Height() int { return height }

func (t *tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		data, found := t.read[tile]
		if !found {
			var err error
			if data, err = t.from.get(tilePath(tile)); err != nil {
				return nil, err
			}
			if len(data) != tile.W*tlog.HashSize {
				return nil, wrong("tile_malformed", "%s has %d bytes", tilePath(tile), len(data))
			}
			t.read[tile] = data
		}
		all = append(all, data)
	}
	return all, nil
}

// tilePath is Go's path without the height, which is fixed in c2sp.org/tlog-tiles.
func tilePath(tile tlog.Tile) string {
	path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
	return strings.Replace(path, "tile/data/", "tile/entries/", 1)
}

// A stored tree is what the leaves alone give, in the order of tlog.StoredHashIndex.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(s)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		hashes[i] = s[index]
	}
	return hashes, nil
}

func checkLog(from source, whom trust, seenFolder string, inclusions int64) (string, error) {
	signed, err := from.get("checkpoint")
	if err != nil {
		return "", err
	}
	head, err := whom.open(signed)
	if err != nil {
		return "", err
	}
	seen, err := readSeen(seenFolder, trust{key: whom.key})
	if err != nil {
		return "", err
	}
	for _, old := range seen {
		if old.N > 0 && old.N >= head.tree.N {
			if err := checkTree(nil, head.tree, old); err != nil {
				return "", err
			}
		}
	}
	if head.tree.N == 0 {
		return "size=0", nil
	}
	reader := &tiles{from, map[tlog.Tile][]byte{}}
	proven := tlog.TileHashReader(head.tree, reader)
	leaves, err := readLeaves(from, head.tree.N, proven)
	if err != nil {
		return "", err
	}
	tileCount, err := checkTiles(reader, leaves, head.tree)
	if err != nil {
		return "", err
	}
	step := max(1, head.tree.N/max(1, inclusions))
	included := 0
	for index := int64(0); index < head.tree.N; index += step {
		if err := checkInclusion(index, head.tree, leaves, proven); err != nil {
			return "", err
		}
		included++
	}
	consistent, err := checkSeen(seen, head.tree, leaves, proven)
	return fmt.Sprintf("size=%d tiles=%d inclusions=%d consistencies=%d cosignatures=%d",
		head.tree.N, tileCount, included, consistent, len(head.cosigned)), err
}

// readSeen reads checkpoints seen before, the smallest first. The log has signed each.
func readSeen(folder string, whom trust) ([]tlog.Tree, error) {
	if folder == "" {
		return nil, nil
	}
	names, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		return nil, err
	}
	var seen []tlog.Tree
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		old, err := whom.open(data)
		if err != nil {
			return nil, err
		}
		seen = append(seen, old.tree)
	}
	sort.Slice(seen, func(i, j int) bool { return seen[i].N < seen[j].N })
	return seen, nil
}

// readLeaves reads every entry, compares its hash with the tree's, and builds the tree again.
func readLeaves(from source, size int64, proven tlog.HashReader) (stored, error) {
	hashes := make(stored, 0, tlog.StoredHashCount(size))
	for number := int64(0); number<<height < size; number++ {
		width := min(1<<height, size-number<<height)
		path := tilePath(tlog.Tile{H: height, L: -1, N: number, W: int(width)})
		data, err := from.get(path)
		if err != nil {
			return nil, err
		}
		var indexes []int64
		for index := number << height; index < number<<height+width; index++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, index))
		}
		expected, err := proven.ReadHashes(indexes)
		if err != nil {
			return nil, treeFault(err)
		}
		for place, hash := range expected {
			if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
				return nil, wrong("tile_malformed", "%s ends before leaf %d", path, place)
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			index := number<<height + int64(place)
			found := tlog.RecordHash(data[2:end])
			if found != hash {
				return nil, wrong("root_differs", "leaf %d is not what the tree has", index)
			}
			more, err := tlog.StoredHashesForRecordHash(index, found, hashes)
			if err != nil {
				return nil, err
			}
			hashes = append(hashes, more...)
			data = data[end:]
		}
		if len(data) > 0 {
			return nil, wrong("tile_malformed", "%s goes on after its last leaf", path)
		}
	}
	return hashes, nil
}

// checkTiles compares the root, and every tile of every level, with what the leaves give.
func checkTiles(served *tiles, leaves stored, tree tlog.Tree) (int, error) {
	root, err := tlog.TreeHash(tree.N, leaves)
	if err != nil {
		return 0, err
	}
	if root != tree.Hash {
		return 0, wrong("root_differs", "the leaves give %v", root)
	}
	wanted := tlog.NewTiles(height, 0, tree.N)
	for _, tile := range wanted {
		expected, err := tlog.ReadTileData(tile, leaves)
		if err != nil {
			return 0, err
		}
		found, err := served.ReadTiles([]tlog.Tile{tile})
		if err != nil {
			return 0, err
		}
		if !bytes.Equal(found[0], expected) {
			return 0, wrong("root_differs", "%s is not what the leaves give", tilePath(tile))
		}
	}
	return len(wanted), nil
}

func checkInclusion(index int64, tree tlog.Tree, leaves stored, proven tlog.HashReader) error {
	proof, err := tlog.ProveRecord(tree.N, index, proven)
	if err != nil {
		return treeFault(err)
	}
	leaf := leaves[tlog.StoredHashIndex(0, index)]
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf); err != nil {
		return wrong("inclusion_fails", "leaf %d: %v", index, err)
	}
	return nil
}

// checkSeen proves that each checkpoint continues the one before it, and that the newest
// continues all of them.
func checkSeen(seen []tlog.Tree, head tlog.Tree, leaves stored, proven tlog.HashReader) (int, error) {
	count := 0
	for i, old := range seen {
		if old.N == 0 {
			continue
		}
		proof, err := tlog.ProveTree(head.N, old.N, proven)
		if err != nil {
			return 0, treeFault(err)
		}
		if err := checkTree(proof, head, old); err != nil {
			return 0, err
		}
		count++
		if i+1 < len(seen) {
			proof, err := tlog.ProveTree(seen[i+1].N, old.N, leaves)
			if err != nil {
				return 0, err
			}
			if err := checkTree(proof, seen[i+1], old); err != nil {
				return 0, err
			}
			count++
		}
	}
	return count, nil
}

// treeFault names what tlog.TileHashReader found.
func treeFault(err error) error {
	if _, named := err.(fault); named {
		return err
	}
	return wrong("root_differs", "%v", err)
}
