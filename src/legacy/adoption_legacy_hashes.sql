SELECT count(*) FROM _user WHERE hash_kind() = 'original';
